# packaging/sources.lock, the linked libraries and our patches -> CycloneDX 1.5.
def rows: split("\n") | map(select(. != "" and (startswith("#") | not)) | split(" "));
def sha256($hex): [{alg: "SHA-256", content: $hex}];
def file($name; $hex): {type: "file", name: $name, hashes: sha256($hex)};
def licence($text): [if $text | contains("_WITH_")
	then {expression: ($text | gsub("_"; " "))} else {license: {id: $text}} end];
def purl($package; $version; $arch):
	"pkg:deb/debian/\($package)@\($version | @uri)?arch=\($arch)&distro=debian-12";

($linked | rows) as $linked
| {
	bomFormat: "CycloneDX",
	specVersion: "1.5",
	version: 1,
	metadata: {component: {
		type: "application",
		"bom-ref": "graph-mcp-handler",
		name: "graph-mcp-handler",
		version: $version,
		licenses: licence("MIT"),
		components: [file("functions.zip"; $zip), file("bin/handler"; $binary)]
	}},
	components: [$lock | rows | group_by(.[1])[]
		| . as $files | .[0] as [$kind, $package, $version, $licence]
		| purl($package; $version; if $kind == "source" then "source" else "amd64" end) as $purl
		| {
			type: "library",
			"bom-ref": $purl,
			name: $package,
			version: $version,
			licenses: licence($licence),
			hashes: sha256($files[0][4]), # of the .dsc, which has those of the rest, or the .deb
			purl: $purl,
			pedigree: {patches: [$patches | rows[] | select(.[0] == $package)
				| {type: "unofficial", diff: {url: .[1]}}]},
			components: ([$files[] | file(.[5]; .[4])]
				+ [$linked[] | select(.[0] == $package or .[0] == "lib" + $package) | file(.[2]; .[1])])
		} | if .pedigree.patches == [] then del(.pedigree) else . end]
}
| . + {dependencies: [{ref: "graph-mcp-handler", dependsOn: [.components[].purl]}]}
