use futures_util::StreamExt as _;
use tokio::sync::oneshot;

use super::*;

/// All bytes, and whether the line broke after them.
async fn collect(body: Body) -> (Vec<u8>, bool) {
    let mut stream = body.into_data_stream();
    let mut all = Vec::new();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => all.extend_from_slice(&chunk),
            Err(_) => return (all, true),
        }
    }
    (all, false)
}

fn picture() -> Bytes {
    (0..200_000_u32).map(|i| i.to_le_bytes()[0]).collect()
}

fn pieces() -> Vec<Piece> {
    vec![
        Piece::Plain(Bytes::from_static(b"data: {\"b64\":\"")),
        Piece::Base64(picture()),
        Piece::Plain(Bytes::from_static("\",\"狐\":1}\n\n".as_bytes())),
    ]
}

fn expected() -> Vec<u8> {
    let text = STANDARD.encode(picture());
    format!("data: {{\"b64\":\"{text}\",\"狐\":1}}\n\n").into_bytes()
}

#[tokio::test]
async fn the_bytes_are_the_same_however_they_leave() {
    let lines = [
        Line::default(),
        Line::new(Some(Fault::Split), None),
        Line::new(None, Some(10_000_000_000)),
    ];
    for line in lines {
        let (bytes, broken) = collect(whole_body(pieces(), line)).await;
        assert!(bytes == expected() && !broken, "{line:?}");
    }
    let wire: u64 = pieces().iter().map(Piece::wire_bytes).sum();
    assert_eq!(wire, expected().len() as u64);
}

#[tokio::test]
async fn a_cut_delivers_exactly_what_it_promises() {
    for after_bytes in [0, 1, 14, 65_537, 100_000] {
        let line = Line::new(Some(Fault::Cut { after_bytes }), None);
        let (bytes, broken) = collect(whole_body(pieces(), line)).await;
        let after = usize::try_from(after_bytes).unwrap();
        assert!(broken && bytes == expected()[..after], "{after_bytes}");
    }
}

#[test]
fn the_rate_is_kept_and_a_late_timer_is_made_up_for() {
    let begin = Instant::now();
    let mut pacer = Pacer::new(8_000_000);
    let mut now = begin;
    for written in 0..1000_u32 {
        let turn = pacer.turn(now, 1000);
        let ideal = begin + Duration::from_millis(written.into());
        assert_eq!(turn, ideal, "write {written}");
        now = now.max(turn) + Duration::from_micros(u64::from(written % 2) * 1900);
    }
}

#[test]
fn a_pause_earns_no_burst() {
    let begin = Instant::now();
    let mut pacer = Pacer::new(8_000_000);
    pacer.turn(begin, 1000);
    let later = begin + Duration::from_mins(1);
    let turns: Vec<Instant> = (0..100).map(|_| pacer.turn(later, 1000)).collect();
    assert_eq!(turns[0], later - CATCH_UP);
    assert_eq!(turns[99], later - CATCH_UP + Duration::from_millis(99));
}

#[tokio::test]
async fn silence_is_filled_and_parts_stay_whole() {
    const COMMENT: &[u8] = b": keep-alive\n\n";
    let line = Line {
        keep_alive: Some(Duration::from_millis(1)),
        ..Line::default()
    };
    let (speak, spoken) = oneshot::channel::<()>();
    let body = scripted_body(line, |outlet| async move {
        spoken.await.unwrap();
        outlet.send(pieces()).await?;
        outlet.send(pieces()).await
    });
    let mut stream = body.into_data_stream();
    assert_eq!(stream.next().await.unwrap().unwrap(), COMMENT);
    speak.send(()).unwrap();
    let mut rest = Vec::new();
    while let Some(chunk) = stream.next().await {
        rest.extend_from_slice(&chunk.unwrap());
    }
    while let Some(shorter) = rest.strip_prefix(COMMENT) {
        rest = shorter.to_vec();
    }
    assert!(rest == [expected(), expected()].concat());
}

#[tokio::test]
async fn a_break_ends_the_body_with_an_error() {
    let body = scripted_body(Line::default(), |outlet| async move {
        let plain = |text: &'static str| Piece::Plain(Bytes::from_static(text.as_bytes()));
        outlet
            .send(vec![plain("ab"), Piece::Break, plain("c")])
            .await
    });
    assert_eq!(collect(body).await, (b"ab".to_vec(), true));
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_script() {
    let (alive, gone) = oneshot::channel::<()>();
    let body = scripted_body(Line::default(), |outlet| async move {
        let _alive = alive;
        loop {
            outlet.send(pieces()).await?;
        }
    });
    let mut stream = body.into_data_stream();
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert!(gone.await.is_err());
}
