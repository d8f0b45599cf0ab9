//! A gateway reduced to its bytes: answers every `POST` with the same picture, sent twice, at a given pace.
//!
//! Runs in a process of its own, so that its memory and time are not the client's.

use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;

use crate::now_ns;

/// How much is written at once, as a chunk of its own (RFC 9112, 7.1); the pace is kept between pieces.
const PIECE: usize = 16 * 1024;

/// Serves until the process is ended. Prints the base URL, then for each answer the moment when the last byte of the
/// picture's first copy was handed to the socket, in nanoseconds since 1970.
pub(super) fn serve(picture: &[u8], bits_per_second: Option<u64>) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("http://{}/v1", listener.local_addr()?);
    io::stdout().flush()?;
    let text = Arc::new(base64::engine::general_purpose::STANDARD.encode(picture));
    for stream in listener.incoming() {
        let stream = stream?;
        let text = Arc::clone(&text);
        std::thread::Builder::new()
            .name("answer".to_owned())
            .spawn(move || {
                // A client that hangs up early is its own business.
                if let Err(error) = answer(stream, &text, bits_per_second) {
                    eprintln!("{error}");
                }
            })?;
    }
    Ok(())
}

fn answer(mut stream: TcpStream, text: &str, bits_per_second: Option<u64>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    read_request(&stream)?;
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_bench\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n",
    )?;
    let mut pace = Pace {
        bits_per_second,
        start: Instant::now(),
        sent: 0,
        chunk: Vec::with_capacity(PIECE + 16),
    };
    let head = concat!(
        "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":",
        "{\"id\":\"resp_1\",\"status\":\"in_progress\",\"output\":[]}}\n\n",
        "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"sequence_number\":1,",
        "\"output_index\":0,\"item\":{\"id\":\"ig_1\",\"type\":\"image_generation_call\",\"status\":\"completed\",",
        "\"result\":\""
    );
    pace.write(&mut stream, head.as_bytes())?;
    pace.write(&mut stream, text.as_bytes())?;
    let last = now_ns();
    let middle = concat!(
        "\"}}\n\n",
        "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2,\"response\":",
        "{\"id\":\"resp_1\",\"status\":\"completed\",\"output\":[{\"id\":\"ig_1\",",
        "\"type\":\"image_generation_call\",\"status\":\"completed\",\"result\":\""
    );
    pace.write(&mut stream, middle.as_bytes())?;
    println!("{last}");
    io::stdout().flush()?;
    pace.write(&mut stream, text.as_bytes())?;
    pace.write(&mut stream, b"\"}]}}\n\n")?;
    stream.write_all(b"0\r\n\r\n")?;
    stream.shutdown(std::net::Shutdown::Write)
}

fn read_request(stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    io::copy(&mut reader.by_ref().take(length), &mut io::sink()).map(drop)
}

struct Pace {
    bits_per_second: Option<u64>,
    start: Instant,
    sent: u64,
    chunk: Vec<u8>,
}

impl Pace {
    fn write(&mut self, stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
        for piece in bytes.chunks(PIECE) {
            if let Some(rate) = self.bits_per_second {
                let due = Duration::from_nanos(self.sent.saturating_mul(8_000_000_000) / rate);
                if let Some(early) = due.checked_sub(self.start.elapsed()) {
                    std::thread::sleep(early);
                }
            }
            self.chunk.clear();
            write!(self.chunk, "{:x}\r\n", piece.len())?;
            self.chunk.extend_from_slice(piece);
            self.chunk.extend_from_slice(b"\r\n");
            stream.write_all(&self.chunk)?;
            self.sent += piece.len() as u64;
        }
        Ok(())
    }
}
