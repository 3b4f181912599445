//! A server that answers what an account is asked, each call after a fixed time, and counts the calls.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::answers::{self, Asked};

/// Longer headers, and longer bodies, are none of the SDK's.
const MOST_BYTES: u64 = 1 << 20;

/// Serves until the program ends.
pub(super) struct Server {
    url: String,
    calls: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Server {
    /// On a free port of the loopback address.
    pub(super) fn start(latency: Duration) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let calls: Arc<Mutex<BTreeMap<String, u64>>> = Arc::default();
        let counted = Arc::clone(&calls);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                // The client closes what it does not need any more, which ends the thread.
                std::thread::spawn(move || serve(stream, latency, &counted));
            }
        });
        Ok(Self { url, calls })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The calls since the last time, each with its number.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn serve(stream: TcpStream, latency: Duration, calls: &Mutex<BTreeMap<String, u64>>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let request = read(&mut reader)?;
        let begun = Instant::now();
        let asked = Asked::of(&request);
        *calls
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(asked.call.clone())
            .or_default() += 1;
        let (status, kind, body) = answers::answer(&asked);
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        std::thread::sleep(latency.saturating_sub(begun.elapsed()));
        writer
            .write_all(&[head.as_bytes(), body.as_bytes()].concat())
            .ok()?;
    }
}

/// A request, as far as the answers depend on it.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub path: String,
    /// `x-amz-target`, where a service speaks JSON.
    pub target: Option<String>,
    pub authorization: String,
    pub body: String,
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut request = Request::default();
    let mut length = 0;
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let read = reader.by_ref().take(MOST_BYTES).read_line(&mut line).ok()?;
        match line.trim_end() {
            "" if read == 0 || lines.is_empty() => return None,
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    request.path = lines.next()?.split(' ').nth(1)?.to_owned();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "x-amz-target" => request.target = Some(value.to_owned()),
            "authorization" => value.clone_into(&mut request.authorization),
            _ => {}
        }
    }
    let mut body = Vec::new();
    let mut rest = reader.by_ref().take(length.min(MOST_BYTES));
    rest.read_to_end(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
