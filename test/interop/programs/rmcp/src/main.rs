//! Rust's rmcp: its client with its OAuthState.
use std::error::Error;

use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationManager, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The address that the person's browser comes back to.
async fn come_back(loopback: &TcpListener, redirect: &str) -> Outcome<String> {
    let (mut stream, _) = loopback.accept().await?;
    let mut line = String::new();
    BufReader::new(&mut stream).read_line(&mut line).await?;
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await?;
    let (_, query) = line
        .split_whitespace()
        .nth(1)
        .and_then(|target| target.split_once('?'))
        .ok_or("no query")?;
    Ok(format!("{redirect}?{query}"))
}

async fn sign_in(task: &Value) -> Outcome<AuthorizationManager> {
    let text = |name: &str| task[name].as_str().unwrap_or_default().to_string();
    let redirect = format!("http://localhost:{}/callback", task["port"]);
    let loopback = TcpListener::bind(format!("localhost:{}", task["port"])).await?;
    let request = AuthorizationRequest::new(&redirect).with_client_name("interop");
    let request = match text("kind").as_str() {
        "given" => request.with_preregistered_client(text("id")),
        "cimd" => request.with_client_metadata_url(text("id")),
        _ => request,
    };
    let mut state = OAuthState::new(text("endpoint"), None).await?;
    state.start_authorization(request).await?;
    println!(
        "{}",
        json!({ "open": state.get_authorization_url().await? })
    );
    state
        .handle_callback_url(&come_back(&loopback, &redirect).await?)
        .await?;
    state
        .into_authorization_manager()
        .ok_or_else(|| "not authorized".into())
}

async fn run(task: &Value) -> Outcome<()> {
    let http = AuthClient::new(reqwest::Client::new(), sign_in(task).await?);
    let endpoint = task["endpoint"].as_str().unwrap_or_default().to_string();
    let transport = StreamableHttpClientTransport::with_client(
        http,
        StreamableHttpClientTransportConfig::with_uri(endpoint),
    );
    let client = ().serve(transport).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some() {
        let result = client.call_tool(CallToolRequestParams::new("me")).await?;
        println!("{}", json!({ "me": result.structured_content }));
    }
    client.cancel().await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let task = serde_json::from_str(&std::env::args().nth(1).ok_or("no task")?)?;
    if let Err(error) = run(&task).await {
        println!("{}", json!({ "failed": error.to_string() }));
        std::process::exit(1);
    }
    Ok(())
}
