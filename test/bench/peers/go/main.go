// Go's net/http by itself: the least a Go program can do for /hello, a tools/call and /me.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"os"
)

type greeting struct {
	Message string `json:"message"`
}

type call struct {
	ID     json.RawMessage `json:"id"`
	Params struct {
		Arguments struct {
			Name string `json:"name"`
		} `json:"arguments"`
	} `json:"params"`
}

type content struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type result struct {
	Content           []content `json:"content"`
	StructuredContent greeting  `json:"structuredContent"`
	IsError           bool      `json:"isError"`
}

type answer struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  result          `json:"result"`
}

func write(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	body, _ := json.Marshal(value)
	w.Write(body)
}

// A tools/call: read the JSON, write the JSON.
func plain(w http.ResponseWriter, r *http.Request) {
	var asked call
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	greeted := greeting{"Hello, " + asked.Params.Arguments.Name + "!"}
	text, _ := json.Marshal(greeted)
	write(w, answer{"2.0", asked.ID, result{[]content{{"text", string(text)}}, greeted, false}})
}

// Passes a Graph token on, over HTTP/2.
func me(graph string) http.HandlerFunc {
	pool := x509.NewCertPool()
	if ca, err := os.ReadFile(os.Getenv("CA_FILE")); err == nil {
		pool.AppendCertsFromPEM(ca)
	}
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 1000, TLSClientConfig: &tls.Config{RootCAs: pool}}}
	return func(w http.ResponseWriter, r *http.Request) {
		ask, _ := http.NewRequestWithContext(r.Context(), "GET", graph+"/v1.0/me", nil)
		ask.Header.Set("Authorization", r.Header.Get("Authorization"))
		got, err := client.Do(ask)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer got.Body.Close()
		body, _ := io.ReadAll(got.Body)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(got.StatusCode)
		w.Write(body)
	}
}

func main() {
	http.HandleFunc("/hello", func(w http.ResponseWriter, r *http.Request) {
		write(w, greeting{"Hello, " + r.URL.Query().Get("name") + "!"})
	})
	http.HandleFunc("/mcp", plain)
	http.HandleFunc("/me", me(os.Getenv("GRAPH_URL")))
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok")) })
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
