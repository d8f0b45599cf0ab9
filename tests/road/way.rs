//! The way to a gateway: proxies, and other addresses of the same gateway.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use atelier::model::{Charge, FailureKind, GatewayProfile, JobNote, Proxy};

use super::server::{Request, Server};
use super::support::loopback::spawn;
use super::support::{self, Studio};
use super::{picture, request, serve};

/// An address where nobody listens.
pub(crate) fn dead() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A SOCKS5 server (RFC 1928) that leads every connection to `target`; the hosts that it was asked for.
fn socks(target: &Server) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (seen, target) = (Arc::clone(&asked), target.host());
    spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut take = |bytes: usize| {
                let mut buffer = vec![0; bytes];
                client.read_exact(&mut buffer).unwrap();
                buffer
            };
            let greeting = take(2);
            take(usize::from(greeting[1]));
            client.write_all(&[5, 0]).unwrap();
            let mut take = |bytes: usize| {
                let mut buffer = vec![0; bytes];
                client.read_exact(&mut buffer).unwrap();
                buffer
            };
            let head = take(4);
            let host = if head[3] == 1 {
                format!("{:?}", take(4))
            } else {
                let length = usize::from(take(1)[0]);
                String::from_utf8(take(length)).unwrap()
            };
            take(2);
            seen.lock().unwrap().push(host);
            client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            let upstream = TcpStream::connect(&target).unwrap();
            join(client, upstream);
        }
    });
    (address, asked)
}

/// Copies both ways until both are done.
fn join(one: TcpStream, other: TcpStream) {
    for (mut from, mut to) in [
        (one.try_clone().unwrap(), other.try_clone().unwrap()),
        (other, one),
    ] {
        spawn(move || {
            // Whoever breaks off ends both.
            drop(std::io::copy(&mut from, &mut to));
            drop(to.shutdown(std::net::Shutdown::Write));
        });
    }
}

fn through(proxy: &str, base_url: &str) -> GatewayProfile {
    let mut gateway = request(base_url).gateway;
    gateway.proxy = Proxy::Url(proxy.to_owned());
    gateway
}

#[test]
fn an_http_proxy_is_asked_for_the_whole_address() {
    // A forward proxy answers in the gateway's place: the gateway itself does not exist.
    let proxy = serve(|_| picture());
    let studio = Studio::start();
    let mut request = request("http://gateway.invalid/v1");
    request.gateway = through(
        &format!("http://{}", proxy.host()),
        "http://gateway.invalid/v1",
    );
    let story = studio.run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    assert_eq!(story.end.host.as_deref(), Some("gateway.invalid"));
    let head = &proxy.requests()[0].head;
    let line = "POST http://gateway.invalid/v1/images/generations HTTP/1.1\r\n";
    assert!(head.starts_with(line), "{head}");
}

#[test]
fn https_goes_through_a_tunnel_and_a_refused_tunnel_costs_nothing() {
    let proxy = serve(|_| support::answer("407 Proxy Authentication Required", &[], b""));
    let mut request = request("https://gateway.invalid/v1");
    request.gateway = through(
        &format!("http://me:word@{}", proxy.host()),
        "https://gateway.invalid/v1",
    );
    let story = Studio::start().run(request);
    let failure = story.end.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Network);
    assert_eq!(failure.charge, Charge::No);
    assert!(!format!("{failure:?}").contains("word"));
    let head = proxy.requests()[0].head.to_ascii_lowercase();
    assert!(
        head.starts_with("connect gateway.invalid:443 http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("proxy-authorization: basic"), "{head}");
}

#[test]
fn socks_proxies_are_used_and_resolve_names_where_they_should() {
    let gateway = serve(|_| picture());
    let (address, asked) = socks(&gateway);
    let studio = Studio::start();
    for proxy in [
        format!("socks5h://{address}"),
        format!("socks5://{address}"),
    ] {
        let base_url = if proxy.starts_with("socks5h") {
            "http://gateway.invalid/v1".to_owned()
        } else {
            gateway.base_url()
        };
        let mut request = request(&base_url);
        request.gateway = through(&proxy, &base_url);
        assert_eq!(studio.run(request).words(), ["image 0", "done"], "{proxy}");
    }
    let asked = asked.lock().unwrap();
    assert_eq!(*asked, ["gateway.invalid", "[127, 0, 0, 1]"]);
}

#[test]
fn results_are_fetched_through_the_proxy_too() {
    let proxy = Server::start(|request: &Request, connection| {
        let body = r#"{"data":[{"url":"http://files.invalid/fox.png?signature=secret"}]}"#;
        let answer = if request.head.starts_with("POST") {
            support::answer(
                "200 OK",
                &["content-type: application/json"],
                body.as_bytes(),
            )
        } else {
            support::answer("200 OK", &["content-type: image/png"], &support::png(1))
        };
        connection.send(&answer);
    });
    let mut request = request("http://gateway.invalid/v1");
    request.gateway = through(
        &format!("http://{}", proxy.host()),
        "http://gateway.invalid/v1",
    );
    let story = Studio::start().run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    let head = &proxy.requests()[1].head;
    assert!(
        head.starts_with("GET http://files.invalid/fox.png"),
        "{head}"
    );
}

#[test]
fn a_wrong_proxy_is_a_failure_before_anything_is_sent() {
    let gateway = serve(|_| picture());
    let studio = Studio::start();
    for proxy in ["proxy.host:8080", "ftp://proxy.host", ""] {
        let mut request = request(&gateway.base_url());
        request.gateway = through(proxy, &gateway.base_url());
        request.gateway.max_retries = 3;
        let story = studio.run(request);
        assert_eq!(story.words(), ["failed invalid_request", "failed"]);
        let failure = story.end.failure.unwrap();
        assert!(failure.message.contains("proxy"), "{}", failure.message);
        assert_eq!(failure.charge, Charge::No);
    }
    assert_eq!(gateway.requests().len(), 0);
}

#[test]
fn another_address_is_taken_shown_and_remembered() {
    let gateway = serve(|_| picture());
    let (dead, studio) = (dead(), Studio::start());
    let mut request = request(&format!("http://{dead}/v1"));
    request.gateway.base_urls.push(gateway.base_url());
    for _ in 0..2 {
        let story = studio.run(request.clone());
        assert_eq!(story.words(), ["image 0", "done"]);
        let switched = JobNote::AddressSwitched {
            from: dead.clone(),
            to: gateway.host(),
        };
        assert_eq!(story.end.notes, [switched]);
        assert_eq!(story.end.host, Some(gateway.host()));
    }
}

#[test]
fn a_request_that_may_have_been_accepted_goes_to_no_other_address() {
    let broken = serve(|_| Vec::new());
    let other = serve(|_| picture());
    let mut request = request(&broken.base_url());
    request.gateway.base_urls.push(other.base_url());
    request.gateway.max_retries = 3;
    let story = Studio::start().run(request);
    assert_eq!(story.words(), ["failed network", "failed"]);
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_server_without_tls_has_accepted_nothing() {
    let other = serve(|_| picture());
    let plain = serve(|_| picture());
    let mut request = request(&format!("https://{}/v1", plain.host()));
    request.gateway.base_urls.push(other.base_url());
    let story = Studio::start().run(request);
    assert_eq!(story.words(), ["image 0", "done"]);
    assert_eq!(story.end.notes.len(), 1);
}
