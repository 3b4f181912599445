//! Servers that speak AWS's APIs on the loopback address, one for each test: Python scripts of this folder.
//!
//! A script binds a free port, prints it when it is ready, and ends when its standard input is closed (`serving.py`).

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::support::Sandbox;

/// A server that ends when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Closed when the test ends in whatever way, at which the server ends too.
    _input: Option<ChildStdin>,
    url: String,
}

impl Server {
    /// Starts `SCRIPT.py` with some arguments and waits until it is ready. None, aloud, where there is no Python with the
    /// packages that it needs.
    pub(crate) fn start(script: &str, arguments: &[&Path]) -> Option<Self> {
        let Some(python) = std::env::var_os("LEASTGRANT_TEST_PYTHON") else {
            eprintln!(
                "SKIPPED: the server `{script}` needs Python; `cargo xtask test` makes an environment with it"
            );
            return None;
        };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/servers");
        let mut child = Command::new(python)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(folder.join(format!("{script}.py")))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs");
        let mut port = String::new();
        let output = child.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut port).expect("text");
        assert!(!port.is_empty(), "the server `{script}` did not start");
        Some(Self {
            _input: child.stdin.take(),
            child,
            url: format!("http://127.0.0.1:{}", port.trim()),
        })
    }

    /// Where it is, for `--endpoint-url`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary with credentials that no server checks, and without looking for others anywhere.
pub(crate) fn with_credentials(sandbox: &Sandbox) -> Command {
    let mut command = sandbox.command();
    command
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

#[test]
fn a_server_is_ready_when_it_has_started() {
    use std::io::{Read as _, Write as _};
    let sandbox = Sandbox::new();
    sandbox.write("buckets/logs/one.json", "{}");
    let Some(server) = Server::start("s3", &[&sandbox.path("")]) else {
        return;
    };
    let address = server.url().trim_start_matches("http://");
    let mut connection = std::net::TcpStream::connect(address).unwrap();
    let request =
        format!("GET /logs?list-type=2 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("<Key>one.json</Key>"), "{answer}");
}
