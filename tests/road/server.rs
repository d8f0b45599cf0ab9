//! A server that reads requests whole and answers with whatever bytes a test wants, each connection on its own thread.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use super::support::loopback::{Loopback, Reading, Sent, read_request, spawn};

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
    loopback: Loopback,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(
        answer: impl Fn(&Request, &mut Connection) + Send + Sync + 'static,
    ) -> Self {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        let loopback = Loopback::open(|_base_url| {
            move |mut stream| {
                let (requests, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                spawn(move || {
                    let Some(Sent { head, body }) = read_request(&mut stream, Reading::All) else {
                        return;
                    };
                    let body = String::from_utf8_lossy(&body).into_owned();
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
        Self { loopback, requests }
    }

    pub(crate) fn base_url(&self) -> String {
        self.loopback.base_url()
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> String {
        self.loopback.host()
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}
