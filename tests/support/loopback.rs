//! A door on 127.0.0.1 for the servers of tests, and how they read a request.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Takes connections until it is dropped.
#[derive(Debug)]
pub(crate) struct Loopback {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
}

impl Loopback {
    /// Hands every connection, one after the other, to what `serve` makes of the base URL.
    pub(crate) fn open<T>(serve: impl FnOnce(&str) -> T) -> Self
    where
        T: FnMut(TcpStream) + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let loopback = Self {
            address: listener.local_addr().unwrap(),
            stopped: Arc::default(),
        };
        let stopped = Arc::clone(&loopback.stopped);
        let mut serve = serve(&loopback.base_url());
        spawn(move || {
            for connection in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                serve(connection.unwrap());
            }
        });
        loopback
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// `host:port`.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        // Wakes the thread.
        drop(TcpStream::connect(self.address));
    }
}

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    /// Its first line and headers.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// How much of a request is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    All,
    /// The body stays unread, not even a byte of it is read ahead.
    Head,
}

/// Reads a request; `None` when the client goes away before its end.
pub(crate) fn read_request(connection: &mut TcpStream, reading: Reading) -> Option<Sent> {
    let capacity = if reading == Reading::Head { 1 } else { 8 << 10 };
    let mut reader = BufReader::with_capacity(capacity, connection);
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
    let mut body = vec![0; if reading == Reading::Head { 0 } else { length }];
    reader.read_exact(&mut body).ok()?;
    Some(Sent { head, body })
}

/// A thread with a name.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new()
        .name("server".to_owned())
        .spawn(work)
        .unwrap();
}
