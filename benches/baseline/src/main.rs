//! reqwest + eventsource-stream + serde_json + base64 + image: each step waits for the one before it.
//!
//! `baseline URL JOBS` runs JOBS requests at once and prints a JSON line for each: when its picture was decoded
//! (nanoseconds since 1970) and its size.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use eventsource_stream::Eventsource as _;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

async fn job(url: String) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let body = json!({"model": "m", "stream": true, "input": "a fox", "tools": [{"type": "image_generation"}]});
    let answer = reqwest::Client::new()
        .post(format!("{url}/responses"))
        .header("authorization", "Bearer demo")
        .header("content-type", "application/json")
        .body(body.to_string())
        .send()
        .await?;
    let mut events = answer.bytes_stream().eventsource();
    let mut decoded = None;
    while let Some(event) = events.next().await {
        let event: Value = serde_json::from_str(&event?.data)?;
        let item = &event["item"];
        if event["type"] == "response.output_item.done" && decoded.is_none() {
            let text = item["result"].as_str().ok_or("no result")?;
            let bytes = base64::engine::general_purpose::STANDARD.decode(text)?;
            let picture = image::load_from_memory(&bytes)?.to_rgba8();
            let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos();
            decoded = Some(json!({"decoded_ns": at as u64, "width": picture.width(), "height": picture.height()}));
        }
    }
    Ok(decoded.ok_or("no picture")?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut args = std::env::args().skip(1);
    let url = args.next().ok_or("baseline URL JOBS")?;
    let jobs: usize = args.next().map_or(Ok(1), |n| n.parse())?;
    let running: Vec<_> = (0..jobs).map(|_| tokio::spawn(job(url.clone()))).collect();
    for job in running {
        println!("{}", job.await??);
    }
    Ok(())
}
