//! A picture from the clipboard of an X server, as the file that its owner offers.
//!
//! Read here and not by `arboard`, which waits 10 ms for each next part of a large one (its `SHORT_TIMEOUT_DUR`):
//! owners of several megabytes are slower, and their pictures were taken for none. It also asks for files and text
//! that are not there; `xclip` answers that with the picture, and never again once nobody takes it. So the owner is
//! asked first what it has. The file needs no decoding, and keeps the recipe that may be in it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use x11rb::connection::Connection as _;
use x11rb::errors::{ConnectError, ConnectionError, ReplyOrIdError};
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, GetPropertyReply, Property,
    Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::{COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE};

/// What a reference may be, the lossless one first.
const FORMATS: [&str; 3] = ["image/png", "image/webp", "image/jpeg"];
/// Lists of copied files; the second is what GNOME's file manager and its kin offer beside the first, or alone.
const FILES: [&str; 2] = ["text/uri-list", "x-special/gnome-copied-files"];
/// How the owners of a text begin its formats.
const TEXTS: [&str; 4] = ["UTF8_STRING", "STRING", "TEXT", "text/plain"];
/// How long the owner may be silent, before its answer and between the parts of it.
const MOST_SILENCE: Duration = Duration::from_secs(4);
/// How long nothing is done where no event waits.
const PAUSE: Duration = Duration::from_millis(1);
/// Most bytes that are read: more than any reference may have.
const MOST_BYTES: usize = 256 << 20;

/// Why no picture was read, where there may be one.
#[derive(Debug, thiserror::Error)]
pub(super) enum X11Error {
    /// No X server.
    #[error("no X server: {0}")]
    Connect(#[from] ConnectError),
    /// An X server that does not do what it is asked.
    #[error("the X server: {0}")]
    Server(#[from] ReplyOrIdError),
    /// The owner of the clipboard stopped answering.
    #[error("the program that owns the clipboard does not answer")]
    Silent,
    /// The picture is larger than anything of use.
    #[error("the picture on the clipboard has more than {MOST_BYTES} bytes")]
    TooLong,
}

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        CLIPBOARD,
        INCR,
        TARGETS,
        ATELIER_CLIPBOARD,
    }
}

/// What the owner of the clipboard says that it has.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Offer {
    files: Option<&'static str>,
    has_text: bool,
    picture: Option<&'static str>,
}

impl Offer {
    /// Whether there are copied files.
    pub(super) const fn has_files(&self) -> bool {
        self.files.is_some()
    }

    /// Whether there is text; markup around a picture is none.
    pub(super) const fn has_text(&self) -> bool {
        self.has_text
    }

    /// Whether there is a picture file in a format that references have.
    pub(super) const fn has_picture(&self) -> bool {
        self.picture.is_some()
    }

    fn of<S: AsRef<str>>(names: &[S]) -> Self {
        let has = |name: &str| names.iter().any(|offered| offered.as_ref() == name);
        let is_text = |offered: &S| {
            let offered = offered.as_ref();
            let base = offered.split(';').next().unwrap_or(offered);
            TEXTS.contains(&base)
        };
        Self {
            files: FILES.into_iter().find(|format| has(format)),
            has_text: names.iter().any(is_text),
            picture: FORMATS.into_iter().find(|format| has(format)),
        }
    }
}

/// Asks the owner of the clipboard what it has; nothing where there is no owner. `None`: it does not say.
pub(super) fn offer() -> Result<Option<Offer>, X11Error> {
    let reader = Reader::new()?;
    if !reader.has_owner().map_err(X11Error::Server)? {
        return Ok(Some(Offer::default()));
    }
    let Some(list) = reader.read(reader.atoms.TARGETS, AtomEnum::ATOM.into())? else {
        return Ok(None);
    };
    let names = reader.names(&list).map_err(X11Error::Server)?;
    Ok(Some(Offer::of(&names)))
}

/// The picture file of an offer; `None` where its owner has changed its mind.
pub(super) fn picture(offer: &Offer) -> Result<Option<Vec<u8>>, X11Error> {
    let Some(format) = offer.picture else {
        return Ok(None);
    };
    let reader = Reader::new()?;
    let target = reader.atom(format).map_err(X11Error::Server)?;
    reader.read(target, target)
}

/// The copied files of an offer; `None` where its owner has changed its mind, or has none that lie on this machine.
pub(super) fn files(offer: &Offer) -> Result<Option<Vec<PathBuf>>, X11Error> {
    let Some(format) = offer.files else {
        return Ok(None);
    };
    let reader = Reader::new()?;
    let target = reader.atom(format).map_err(X11Error::Server)?;
    let list = reader.read(target, target)?;
    let files: Vec<PathBuf> = list.map_or_else(Vec::new, |list| paths(&list));
    Ok((!files.is_empty()).then_some(files))
}

/// The files in a list: an address a line (RFC 2483, 5); other lines say what is to be done, or nothing.
fn paths(list: &[u8]) -> Vec<PathBuf> {
    list.split(|byte| matches!(byte, b'\r' | b'\n' | 0))
        .filter_map(|line| {
            let rest = line.strip_prefix(b"file://")?;
            // A host may stand before the path: this one.
            let path = rest.get(rest.iter().position(|byte| *byte == b'/')?..)?;
            Some(PathBuf::from(OsString::from_vec(unescaped(path))))
        })
        .collect()
}

/// With `%20` as a space (RFC 3986, 2.1).
fn unescaped(path: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, behind @ ..] = rest {
        rest = behind;
        let escaped = match (first, behind) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match escaped.map(|(high, low)| u8::try_from(high * 16 + low)) {
            Some(Ok(byte)) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}

/// A window that nobody sees, for the owner to answer to. It goes with the connection.
struct Reader {
    connection: RustConnection,
    window: Window,
    atoms: Atoms,
}

impl Reader {
    fn new() -> Result<Self, X11Error> {
        let (connection, screen) = RustConnection::connect(None)?;
        Self::open(connection, screen).map_err(X11Error::Server)
    }

    fn open(connection: RustConnection, screen: usize) -> Result<Self, ReplyOrIdError> {
        let atoms = Atoms::new(&connection)?.reply()?;
        let window = connection.generate_id()?;
        let root = connection
            .setup()
            .roots
            .get(screen)
            .ok_or(ConnectionError::UnknownError)?
            .root;
        let events = CreateWindowAux::new().event_mask(EventMask::PROPERTY_CHANGE);
        connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            window,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            COPY_FROM_PARENT,
            &events,
        )?;
        Ok(Self {
            connection,
            window,
            atoms,
        })
    }

    fn has_owner(&self) -> Result<bool, ReplyOrIdError> {
        let clipboard = self.atoms.CLIPBOARD;
        let owner = self.connection.get_selection_owner(clipboard)?.reply()?;
        Ok(owner.owner != NONE)
    }

    fn atom(&self, name: &str) -> Result<Atom, ReplyOrIdError> {
        let atom = self.connection.intern_atom(false, name.as_bytes())?;
        Ok(atom.reply()?.atom)
    }

    /// The names of the first hundred atoms of a list; nobody offers more.
    fn names(&self, list: &[u8]) -> Result<Vec<String>, ReplyOrIdError> {
        let (atoms, _rest) = list.as_chunks::<4>();
        let mut names = Vec::new();
        for atom in atoms.iter().take(100) {
            let name = self
                .connection
                .get_atom_name(Atom::from_ne_bytes(*atom))?
                .reply()?;
            names.push(String::from_utf8_lossy(&name.name).into_owned());
        }
        Ok(names)
    }

    /// Asks the owner for a format, which comes as something of type `kind`; `None` where it has no such thing.
    fn read(&self, target: Atom, kind: Atom) -> Result<Option<Vec<u8>>, X11Error> {
        self.ask(target).map_err(X11Error::Server)?;
        let mut transfer = Transfer::new(kind, self.atoms.INCR);
        let mut deadline = Instant::now() + MOST_SILENCE;
        loop {
            let Some(event) = self
                .connection
                .poll_for_event()
                .map_err(ReplyOrIdError::from)?
            else {
                if Instant::now() > deadline {
                    return Err(X11Error::Silent);
                }
                thread::sleep(PAUSE);
                continue;
            };
            let is_due = match &event {
                Event::SelectionNotify(answer) if answer.target == target => {
                    if answer.property == NONE {
                        return Ok(None);
                    }
                    true
                }
                Event::PropertyNotify(change) => {
                    change.state == Property::NEW_VALUE
                        && change.atom == self.atoms.ATELIER_CLIPBOARD
                        && transfer.is_in_parts
                }
                _ => false,
            };
            if !is_due {
                continue;
            }
            let part = self.take().map_err(X11Error::Server)?;
            match transfer.take(part.type_, part.value)? {
                Step::More => deadline = Instant::now() + MOST_SILENCE,
                Step::Whole(bytes) => return Ok(Some(bytes)),
                Step::SomethingElse => return Ok(None),
            }
        }
    }

    fn ask(&self, target: Atom) -> Result<(), ReplyOrIdError> {
        let clipboard = self.atoms.CLIPBOARD;
        let property = self.atoms.ATELIER_CLIPBOARD;
        self.connection.delete_property(self.window, property)?;
        self.connection.convert_selection(
            self.window,
            clipboard,
            target,
            property,
            CURRENT_TIME,
        )?;
        self.connection.flush()?;
        Ok(())
    }

    /// What the owner has put down; taking it away asks for the next part.
    fn take(&self) -> Result<GetPropertyReply, ReplyOrIdError> {
        let property = self.atoms.ATELIER_CLIPBOARD;
        // Any type, as much as a property can hold.
        let part =
            self.connection
                .get_property(true, self.window, property, NONE, 0, u32::MAX / 4)?;
        Ok(part.reply()?)
    }
}

/// What came of a part.
#[derive(Debug, Eq, PartialEq)]
enum Step {
    /// More has to come.
    More,
    /// That was all.
    Whole(Vec<u8>),
    /// Not what was asked for.
    SomethingElse,
}

/// An answer of the owner: whole at once, or in parts of which an empty one is the last (ICCCM 2.0, 2.7.2).
#[derive(Debug)]
struct Transfer {
    target: Atom,
    incr: Atom,
    is_in_parts: bool,
    bytes: Vec<u8>,
}

impl Transfer {
    const fn new(target: Atom, incr: Atom) -> Self {
        Self {
            target,
            incr,
            is_in_parts: false,
            bytes: Vec::new(),
        }
    }

    /// Takes what the owner has put down, of type `kind`.
    fn take(&mut self, kind: Atom, part: Vec<u8>) -> Result<Step, X11Error> {
        if kind == self.incr && !self.is_in_parts {
            self.is_in_parts = true;
            return Ok(Step::More);
        }
        if kind != self.target {
            // A change that is told late finds nothing in its place.
            let is_early = self.is_in_parts && kind == NONE;
            return Ok(if is_early {
                Step::More
            } else {
                Step::SomethingElse
            });
        }
        if self.bytes.len() + part.len() > MOST_BYTES {
            return Err(X11Error::TooLong);
        }
        if !self.is_in_parts {
            return Ok(Step::Whole(part));
        }
        if part.is_empty() {
            return Ok(Step::Whole(std::mem::take(&mut self.bytes)));
        }
        self.bytes.extend_from_slice(&part);
        Ok(Step::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Atom = 100;
    const INCR: Atom = 101;

    #[test]
    fn what_is_offered_is_told_by_its_formats() {
        let check = |names: &[&str], files: bool, text: bool, picture: Option<&str>| {
            let offer = Offer::of(names);
            let told = (offer.has_files(), offer.has_text, offer.picture);
            assert_eq!(told, (files, text, picture), "{names:?}");
        };
        check(&["TARGETS", "image/png"], false, false, Some("image/png"));
        check(
            &["image/jpeg", "image/png"],
            false,
            false,
            Some("image/png"),
        );
        check(&["image/bmp", "TIMESTAMP"], false, false, None);
        check(&["text/plain;charset=utf-8"], false, true, None);
        check(
            &["UTF8_STRING", "image/webp"],
            false,
            true,
            Some("image/webp"),
        );
        check(&["text/uri-list", "text/plain"], true, true, None);
        check(&["x-special/gnome-copied-files"], true, false, None);
        check(&["text/html", "image/png"], false, false, Some("image/png"));
        check(&[], false, false, None);
    }

    #[test]
    fn lists_of_files_are_read_line_by_line() {
        let check = |list: &str, expected: &[&str]| {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(paths(list.as_bytes()), expected, "{list:?}");
        };
        check("file:///a%20b.png\r\n", &["/a b.png"]);
        check(
            "copy\nfile:///a.png\nfile://host/b.png\0",
            &["/a.png", "/b.png"],
        );
        check("# a comment\r\nhttps://example.com/a.png\r\n", &[]);
        check("file:///%e7%94%bb.png", &["/画.png"]);
        check("file:///100%.png\nfile:///%zz", &["/100%.png", "/%zz"]);
        check("file://", &[]);
    }

    #[test]
    fn parts_are_put_together_and_an_empty_one_ends_them() {
        let check = |parts: &[(Atom, &[u8])], expected: &[Step]| {
            let mut transfer = Transfer::new(TARGET, INCR);
            let steps: Vec<Step> = parts
                .iter()
                .map(|(kind, part)| transfer.take(*kind, part.to_vec()).unwrap())
                .collect();
            assert_eq!(steps, expected, "{parts:?}");
        };
        check(&[(TARGET, b"png")], &[Step::Whole(b"png".to_vec())]);
        check(
            &[
                (INCR, &[0, 0, 192, 0]),
                (TARGET, b"p"),
                (NONE, b""),
                (TARGET, b"ng"),
                (TARGET, b""),
            ],
            &[
                Step::More,
                Step::More,
                Step::More,
                Step::More,
                Step::Whole(b"png".to_vec()),
            ],
        );
        check(&[(7, b"text")], &[Step::SomethingElse]);
        check(&[(NONE, b"")], &[Step::SomethingElse]);
    }

    #[test]
    fn a_transfer_without_end_is_stopped() {
        let mut transfer = Transfer::new(TARGET, INCR);
        transfer.take(INCR, Vec::new()).unwrap();
        let part = vec![0; MOST_BYTES / 4];
        for _ in 0..4 {
            assert_eq!(transfer.take(TARGET, part.clone()).unwrap(), Step::More);
        }
        let more = transfer.take(TARGET, vec![0]);
        assert!(matches!(more, Err(X11Error::TooLong)));
    }
}
