//! Servers that speak AWS's APIs on the loopback address, one for each test: Python scripts of this folder.
//!
//! A script binds a free port, prints it when it is ready, and ends when its standard input is closed (`serving.py`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;

use crate::support::{Ran, Sandbox};

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
        let mut child = spawn(script, arguments)?;
        let output = child.stdout.take().expect("a pipe");
        let url = url(script, &mut BufReader::new(output));
        Some(Self {
            _input: child.stdin.take(),
            child,
            url,
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

/// Runs a script. None, aloud, where there is no Python with the packages that it needs.
fn spawn(script: &str, arguments: &[&Path]) -> Option<Child> {
    let python = leastgrant_testing::python()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/servers");
    let child = Command::new(python)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(folder.join(format!("{script}.py")))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    Some(child.expect("python runs"))
}

fn url(script: &str, output: &mut BufReader<ChildStdout>) -> String {
    let mut port = String::new();
    output.read_line(&mut port).expect("text");
    assert!(!port.is_empty(), "the server `{script}` did not start");
    format!("http://127.0.0.1:{}", port.trim())
}

/// The process that seeds the account once, and of which each test's server is a copy.
struct Seeded {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// None without Python. It ends with this process, when its standard input is closed.
static SEEDED: OnceLock<Option<Mutex<Seeded>>> = OnceLock::new();

/// The account of `account.py` as it was seeded, for one test alone.
pub(crate) struct AccountServer {
    folder: PathBuf,
    url: String,
}

impl AccountServer {
    /// Serves the account with its files in a folder. None, aloud, without Python.
    pub(crate) fn start(folder: &Path) -> Option<Self> {
        // Each test says that it is skipped, and not only the one that is first.
        leastgrant_testing::python()?;
        let seeded = SEEDED.get_or_init(|| {
            let mut child = spawn("account", &[])?;
            Some(Mutex::new(Seeded {
                input: child.stdin.take().expect("a pipe"),
                output: BufReader::new(child.stdout.take().expect("a pipe")),
            }))
        });
        let mut seeded = seeded
            .as_ref()?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        writeln!(seeded.input, "+{}", folder.display()).expect("it runs");
        Some(Self {
            folder: folder.to_owned(),
            url: url("account", &mut seeded.output),
        })
    }

    /// Where it is, for `--endpoint-url`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for AccountServer {
    fn drop(&mut self) {
        if let Some(Some(seeded)) = SEEDED.get() {
            let mut seeded = seeded.lock().unwrap_or_else(PoisonError::into_inner);
            // One that has ended already is as good.
            let _ = writeln!(seeded.input, "-{}", self.folder.display());
        }
    }
}

/// A bucket called `trail-logs` in a sandbox of its own: what lies below its folder `buckets/trail-logs`.
pub(crate) struct Bucket {
    pub sandbox: Sandbox,
    server: Server,
}

impl Bucket {
    /// Serves what was written to the sandbox.
    pub(crate) fn of(sandbox: Sandbox) -> Option<Self> {
        let server = Server::start("s3", &[&sandbox.path("")])?;
        Some(Self { sandbox, server })
    }

    /// `usage --s3` with credentials and more arguments.
    pub(crate) fn command(&self, uri: &str, arguments: &[&str]) -> Command {
        let mut command = with_credentials(&self.sandbox);
        command
            .args(["usage", "--endpoint-url", self.server.url(), "--s3", uri])
            .args(arguments);
        command
    }

    pub(crate) fn usage(&self, uri: &str, arguments: &[&str]) -> Ran {
        self.sandbox.ran(&mut self.command(uri, arguments))
    }

    /// Orders failures, as `s3.py` has them.
    pub(crate) fn faults(&self, faults: &Value) {
        self.sandbox.write("faults.json", faults.to_string());
    }

    /// The requests since the last time, by method and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = self.sandbox.read("requests.log");
        self.sandbox.write("requests.log", "");
        log.lines().map(str::to_owned).collect()
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
