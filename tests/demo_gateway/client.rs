//! A client that shows every byte: one request a connection, read to the end.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use atelier::demo::DemoServer;
use serde_json::Value;

/// A test that waits longer than this for a byte has failed.
const DEADLINE: Duration = Duration::from_mins(1);

/// A request in the making.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Without the chunks of the transfer.
    pub(crate) body: Vec<u8>,
    /// The connection ended before the body did.
    pub(crate) broken: bool,
}

/// One server-sent event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    /// The `event:` line, or empty.
    pub(crate) name: String,
    /// `Value::Null` for the end marker.
    pub(crate) data: Value,
}

impl Call {
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
        .header("authorization", "Bearer any")
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        let mut call = Self::get(path).header("content-type", "application/json");
        call.method = "POST";
        call.body = body.to_string().into_bytes();
        call
    }

    /// A form of `(name, file name or none, content)` parts.
    pub(crate) fn form(path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Self {
        let mut call =
            Self::get(path).header("content-type", "multipart/form-data; boundary=a-boundary");
        call.method = "POST";
        for (name, file_name, content) in parts {
            let mut head =
                format!("--a-boundary\r\nContent-Disposition: form-data; name=\"{name}\"");
            if let Some(file_name) = file_name {
                write!(
                    head,
                    "; filename=\"{file_name}\"\r\nContent-Type: image/png"
                )
                .unwrap();
            }
            call.body.extend_from_slice(head.as_bytes());
            call.body.extend_from_slice(b"\r\n\r\n");
            call.body.extend_from_slice(content);
            call.body.extend_from_slice(b"\r\n");
        }
        call.body.extend_from_slice(b"--a-boundary--\r\n");
        call
    }

    /// Sets a header, in place of one of the same name.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| known != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn fault(self, name: &str) -> Self {
        self.header("x-demo-fault", name)
    }

    /// Sends the request and hands over the connection.
    pub(crate) fn open(&self, server: &DemoServer) -> TcpStream {
        let address = server
            .base_url()
            .trim_start_matches("http://")
            .trim_end_matches("/v1");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.method,
            self.path,
            self.body.len()
        );
        for (name, value) in &self.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head += "\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
        stream
    }

    pub(crate) fn send(&self, server: &DemoServer) -> Answer {
        Answer::parse(&read_to_end(&mut self.open(server)))
    }

    /// The status and the object under `error`.
    pub(crate) fn error(&self, server: &DemoServer) -> (u16, Value) {
        let answer = self.send(server);
        (answer.status, answer.json()["error"].clone())
    }
}

/// Everything until the connection ends, in good order or not.
pub(crate) fn read_to_end(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => bytes,
    }
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = memchr::memmem::find(bytes, b"\r\n\r\n").expect("a whole head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers: Vec<(String, String)> = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let raw = &bytes[end + 4..];
        let mut answer = Self {
            status: status.parse().unwrap(),
            headers,
            body: Vec::new(),
            broken: false,
        };
        if answer.header("transfer-encoding") == Some("chunked") {
            (answer.body, answer.broken) = join_chunks(raw);
        } else {
            let length = answer
                .header("content-length")
                .map_or(0, |n| n.parse().unwrap());
            answer.broken = raw.len() < length;
            answer.body = raw.to_vec();
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The events of a stream, comments left out; its last block may be cut.
    pub(crate) fn events(&self) -> Vec<Event> {
        assert!(
            self.header("content-type")
                .is_some_and(|kind| kind.starts_with("text/event-stream")),
            "not a stream: {self:?}"
        );
        let text = self.text().replace("\r\n", "\n");
        let blocks = text
            .split_terminator("\n\n")
            .filter(|block| !block.starts_with(':'));
        blocks
            .filter_map(|block| {
                let line = |key: &str| block.lines().find_map(|line| line.strip_prefix(key));
                let data = match line("data: ")? {
                    "[DONE]" => Value::Null,
                    json => serde_json::from_str(json).ok()?,
                };
                Some(Event {
                    name: line("event: ").unwrap_or_default().to_owned(),
                    data,
                })
            })
            .collect()
    }

    /// The names of the events.
    pub(crate) fn names(&self) -> Vec<String> {
        self.events().into_iter().map(|event| event.name).collect()
    }

    /// The data of the first event called `name`.
    pub(crate) fn event(&self, name: &str) -> Value {
        self.events()
            .into_iter()
            .find(|event| event.name == name)
            .unwrap_or_else(|| panic!("no {name} in {:?}", self.names()))
            .data
    }
}

/// The content of a chunked body, and whether its end is missing.
fn join_chunks(mut raw: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(end) = memchr::memmem::find(raw, b"\r\n") {
        let size = std::str::from_utf8(&raw[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        let chunk = &raw[end + 2..];
        if size == 0 {
            return (body, false);
        }
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        raw = chunk.get(size + 2..).unwrap_or_default();
    }
    (body, true)
}
