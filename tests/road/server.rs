//! A server that reads requests whole and answers with whatever bytes a test wants, each connection on its own thread.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// How many came before it.
    pub(crate) number: usize,
    /// Its first line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// The way back to the client.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// `false`: the client has gone away.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Waits until the client goes away.
    pub(crate) fn hold(&mut self) {
        drop(self.stream.read(&mut [0]));
    }
}

#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    stopped: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(
        answer: impl Fn(&Request, &mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            stopped: Arc::default(),
        };
        let requests = Arc::clone(&server.requests);
        let stopped = Arc::clone(&server.stopped);
        let answer = Arc::new(answer);
        spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let mut stream = connection.unwrap();
                let (requests, answer) = (Arc::clone(&requests), Arc::clone(&answer));
                spawn(move || {
                    let Some((head, body)) = read(&mut stream) else {
                        return;
                    };
                    let request = {
                        let mut requests = requests.lock().unwrap();
                        let number = requests.len();
                        requests.push(Request { number, head, body });
                        requests.last().unwrap().clone()
                    };
                    let mut connection = Connection { stream };
                    answer(&request, &mut connection);
                    drop(connection.stream.shutdown(Shutdown::Write));
                });
            }
        });
        server
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread.
        drop(TcpStream::connect(self.address));
    }
}

/// The head and the body of a request; `None` when the client goes away before its end.
pub(crate) fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8_lossy(&body).into_owned()))
}

/// A thread with a name.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .name("server".to_owned())
        .spawn(work)
        .unwrap();
}
