//! JSON in which pictures are leaves, and events made of it.
//!
//! An [`Object`] keeps the order in which its fields were set, as gateways send `type` first, and becomes
//! [`Piece`]s: text as it is, pictures as bytes that turn into base64 only when they leave.

use bytes::Bytes;
use serde::Serialize;

use super::answer::ApiError;
use super::transport::{Gone, Outlet, Piece};

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Json {
    Null,
    /// JSON text, complete in itself.
    Raw(String),
    /// A string that holds the base64 of a file.
    Picture(Bytes),
    List(Vec<Json>),
    Object(Object),
}

impl Json {
    /// Any value that `serde` knows.
    pub(super) fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        // Nothing of ours fails to serialise: it has no maps with odd keys and no errors of its own.
        serde_json::to_string(value).map_or(Self::Null, Self::Raw)
    }

    fn write(self, out: &mut Pieces) {
        match self {
            Self::Null => out.text.push_str("null"),
            Self::Raw(text) => out.text.push_str(&text),
            Self::Picture(file) => {
                out.text.push('"');
                out.flush();
                out.pieces.push(Piece::Base64(file));
                out.text.push('"');
            }
            Self::List(values) => {
                out.text.push('[');
                for (i, value) in values.into_iter().enumerate() {
                    if i > 0 {
                        out.text.push(',');
                    }
                    value.write(out);
                }
                out.text.push(']');
            }
            Self::Object(object) => object.write(out),
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<u64> for Json {
    fn from(number: u64) -> Self {
        Self::of(&number)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<Vec<Json>> for Json {
    fn from(values: Vec<Json>) -> Self {
        Self::List(values)
    }
}

/// Fields in the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Object(Vec<(&'static str, Json)>);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn set(mut self, key: &'static str, value: impl Into<Json>) -> Self {
        self.0.push((key, value.into()));
        self
    }

    /// Sets the field unless there is no value.
    pub(super) fn maybe(self, key: &'static str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// The fields of `other` after these.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn write(self, out: &mut Pieces) {
        out.text.push('{');
        for (i, (key, value)) in self.0.into_iter().enumerate() {
            if i > 0 {
                out.text.push(',');
            }
            out.text.push('"');
            out.text.push_str(key);
            out.text.push_str("\":");
            value.write(out);
        }
        out.text.push('}');
    }

    /// The object as a body of its own.
    pub(super) fn into_pieces(self) -> Vec<Piece> {
        let mut out = Pieces::default();
        self.write(&mut out);
        out.finish()
    }
}

/// Pieces, and the text that is not one yet.
#[derive(Debug, Default)]
struct Pieces {
    pieces: Vec<Piece>,
    text: String,
}

impl Pieces {
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.pieces.push(Piece::Plain(text.into()));
    }

    fn finish(mut self) -> Vec<Piece> {
        self.flush();
        self.pieces
    }
}

/// Breaks the line in the middle of the first picture.
pub(super) fn break_in_picture(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let at = pieces
        .iter_mut()
        .position(|piece| match piece {
            Piece::Base64(file) => {
                file.truncate(file.len() / 2);
                true
            }
            _ => false,
        })
        .map_or(pieces.len(), |at| at + 1);
    pieces.truncate(at);
    pieces.push(Piece::Break);
    pieces
}

/// Why a script ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nobody listens any more.
    Gone,
    /// A picture could not be made.
    Failed(ApiError),
}

impl From<Gone> for Stop {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

/// Writes server-sent events.
#[derive(Debug)]
pub(super) struct EventWriter {
    outlet: Outlet,
    line_end: &'static str,
    /// The number of the next event; `None` where events have none.
    sequence: Option<u64>,
}

impl EventWriter {
    /// Lines end in CRLF if `crlf`, else in LF; events carry their number if `numbered`.
    pub(super) fn new(outlet: Outlet, crlf: bool, numbered: bool) -> Self {
        Self {
            outlet,
            line_end: if crlf { "\r\n" } else { "\n" },
            sequence: numbered.then_some(0),
        }
    }

    /// Sends `fields` as an event called `name`, which is also its `type`.
    pub(super) async fn send(&mut self, name: &'static str, fields: Object) -> Result<(), Stop> {
        Ok(self.send_last(name, fields).await?)
    }

    /// Sends an event after which there is nothing left to fail.
    pub(super) async fn send_last(
        &mut self,
        name: &'static str,
        fields: Object,
    ) -> Result<(), Gone> {
        let frame = self.frame(name, fields);
        self.outlet.send(frame).await
    }

    /// Sends an event and breaks the line in the middle of its picture.
    pub(super) async fn send_broken(
        &mut self,
        name: &'static str,
        fields: Object,
    ) -> Result<(), Stop> {
        let frame = self.frame(name, fields);
        Ok(self.outlet.send(break_in_picture(frame)).await?)
    }

    /// Sends an object without a name or a type, as some relays do.
    pub(super) async fn send_bare(&mut self, object: Object) -> Result<(), Stop> {
        let mut out = Pieces::default();
        out.text.push_str("data: ");
        object.write(&mut out);
        self.end_frame(&mut out);
        Ok(self.outlet.send(out.finish()).await?)
    }

    /// Sends the end marker.
    pub(super) async fn done(&mut self) -> Result<(), Stop> {
        let mut out = Pieces::default();
        out.text.push_str("data: [DONE]");
        self.end_frame(&mut out);
        Ok(self.outlet.send(out.finish()).await?)
    }

    fn frame(&mut self, name: &'static str, fields: Object) -> Vec<Piece> {
        let object = Object::new()
            .set("type", name)
            .maybe("sequence_number", self.sequence)
            .and(fields);
        self.sequence = self.sequence.map(|number| number + 1);
        let mut out = Pieces::default();
        for part in ["event: ", name, self.line_end, "data: "] {
            out.text.push_str(part);
        }
        object.write(&mut out);
        self.end_frame(&mut out);
        out.finish()
    }

    fn end_frame(&self, out: &mut Pieces) {
        out.text.push_str(self.line_end);
        out.text.push_str(self.line_end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| match piece {
                Piece::Plain(text) => String::from_utf8(text.to_vec()).unwrap(),
                Piece::Base64(file) => format!("<{} bytes>", file.len()),
                Piece::Break => "<break>".to_owned(),
            })
            .collect()
    }

    fn picture() -> Object {
        let file = Bytes::from_static(&[7; 100]);
        Object::new()
            .set("b64_json", Json::Picture(file))
            .set("note", "狐 \"\\u0000\n")
            .maybe("url", None::<&str>)
            .set("error", Json::Null)
    }

    #[test]
    fn fields_keep_their_order_and_pictures_stay_bytes() {
        let pieces = Object::new()
            .set("data", vec![picture().into(), picture().into()])
            .set("created", 7_u64)
            .into_pieces();
        let one = r#"{"b64_json":"<100 bytes>","note":"狐 \"\\u0000\n","error":null}"#;
        let expected = format!(r#"{{"data":[{one},{one}],"created":7}}"#);
        assert_eq!(text_of(&pieces), expected);
    }

    #[test]
    fn a_break_falls_into_the_picture() {
        let pieces = break_in_picture(picture().into_pieces());
        assert_eq!(text_of(&pieces), r#"{"b64_json":"<50 bytes><break>"#);
        let pieces = break_in_picture(Object::new().into_pieces());
        assert_eq!(text_of(&pieces), "{}<break>");
    }
}
