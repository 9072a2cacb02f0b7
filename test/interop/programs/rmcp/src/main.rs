//! Rust's rmcp: its client with its OAuthState.
use std::error::Error;

use rmcp::ServiceExt;
use rmcp::model::CallToolRequestParams;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{
    AuthClient, AuthorizationCallback, AuthorizationManager, AuthorizationRequest, OAuthState,
    WWWAuthenticateParams,
};
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Where the client signs in, and where the person's browser comes back to.
struct Door {
    endpoint: String,
    redirect: String,
    loopback: TcpListener,
}

impl Door {
    async fn new(task: &Value) -> Outcome<Self> {
        let host = format!("localhost:{}", task["port"]);
        Ok(Self {
            endpoint: task["endpoint"].as_str().ok_or("no endpoint")?.to_string(),
            redirect: format!("http://{host}/callback"),
            loopback: TcpListener::bind(host).await?,
        })
    }

    /// The address that the browser comes back to.
    async fn come_back(&self) -> Outcome<String> {
        let (mut stream, _) = self.loopback.accept().await?;
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
        Ok(format!("{}?{query}", self.redirect))
    }
}

async fn sign_in(task: &Value, door: &Door) -> Outcome<AuthorizationManager> {
    let id = task["id"].as_str().unwrap_or_default();
    let request = AuthorizationRequest::new(&door.redirect).with_client_name("interop");
    let request = match task["kind"].as_str() {
        Some("given") => request.with_preregistered_client(id),
        Some("cimd") => request.with_client_metadata_url(id),
        _ => request,
    };
    let mut state = OAuthState::new(&door.endpoint, None).await?;
    state.start_authorization(request).await?;
    println!(
        "{}",
        json!({ "open": state.get_authorization_url().await? })
    );
    state.handle_callback_url(&door.come_back().await?).await?;
    state
        .into_authorization_manager()
        .ok_or_else(|| "not authorized".into())
}

/// The person signs in once more, for the scope that a challenge names: the library leaves that to the program.
async fn step_up(http: &AuthClient<reqwest::Client>, door: &Door, challenge: &str) -> Outcome<()> {
    let wanted = WWWAuthenticateParams::parse(challenge, &door.endpoint.parse()?)
        .scope
        .ok_or("no scope")?;
    let manager = http.auth_manager.lock().await;
    println!(
        "{}",
        json!({ "open": manager.request_scope_upgrade(&wanted).await? })
    );
    let back = AuthorizationCallback::from_redirect_url(&door.come_back().await?)?;
    manager
        .exchange_code_for_token(&back.code, &back.csrf_token)
        .await?;
    Ok(())
}

async fn run(task: &Value) -> Outcome<()> {
    let door = Door::new(task).await?;
    let http = AuthClient::new(reqwest::Client::new(), sign_in(task, &door).await?);
    let transport = StreamableHttpClientTransport::with_client(
        http.clone(),
        StreamableHttpClientTransportConfig::with_uri(door.endpoint.clone()),
    );
    let client = ().serve(transport).await?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some() {
        let me = || client.call_tool(CallToolRequestParams::new("me"));
        let mut result = me().await;
        if let Some(challenge) = result
            .as_ref()
            .err()
            .and_then(|error| error.auth_challenge())
        {
            step_up(&http, &door, challenge).await?;
            result = me().await;
        }
        println!("{}", json!({ "me": result?.structured_content }));
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
