using System;
using System.IO;
using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Mono.Security.Interface;

namespace Gateway
{
	/* TLS towards other servers: their certificates must come from the given authority. */
	sealed class TlsTrust
	{
		static readonly Regex Block = new Regex(
			"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", RegexOptions.Singleline);

		readonly X509CertificateCollection authorities = new X509CertificateCollection();

		/* caFile: PEM, or null to trust nobody. */
		internal TlsTrust(string caFile)
		{
			if (caFile == null)
				return;
			foreach (Match block in Block.Matches(File.ReadAllText(caFile)))
				authorities.Add(new X509Certificate2(Convert.FromBase64String(
					Regex.Replace(block.Groups[1].Value, @"\s", ""))));
			if (authorities.Count == 0)
				throw new StartException(caFile + " holds no certificate");
		}

		/* Throws unless the peer proves to be host.  Mono looks for names only, not for addresses, and
		 * an address here is always this machine's. */
		internal Stream Wrap(Stream inner, string host)
		{
			IPAddress address;
			if (IPAddress.TryParse(host, out address))
				host = "localhost";
			if (authorities.Count == 0)
				throw new IOException("https needs --ca FILE, the authority to trust");
			var settings = MonoTlsSettings.CopyDefaultSettings();
			settings.TrustAnchors = authorities;
			settings.RemoteCertificateValidationCallback = (name, certificate, chain, errors) =>
				errors == MonoSslPolicyErrors.None;
			var tls = MonoTlsProviderFactory.GetProvider().CreateSslStream(inner, false, settings);
			tls.AuthenticateAsClientAsync(host, null, SslProtocols.Tls12, false).Wait();
			return tls.AuthenticatedStream;
		}
	}
}
