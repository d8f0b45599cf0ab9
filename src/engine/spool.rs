//! A picture on its way: bytes go to a file as they arrive, and whoever decodes reads that file behind them.
//!
//! The writer runs on the job's task, readers on threads of their own. What they share is a watermark, not bytes: a
//! picture is never in memory twice.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::library::hash_file;
use crate::media;

/// Read in one go by a follower.
const READ_BYTES: usize = 64 << 10;
/// Kept in memory of every spool: enough to read off the format, and to tell one picture from another early.
const HEAD_BYTES: usize = 4 << 10;

/// The end of a spool that is being written.
#[derive(Debug)]
pub(super) struct Spool {
    file: File,
    path: PathBuf,
    head: Vec<u8>,
    mirror: Option<Mirror>,
    shared: Arc<Shared>,
}

/// What comes is what another spool has already: compared with it instead of written once more.
#[derive(Debug)]
struct Mirror {
    other: PathBuf,
    reader: BufReader<File>,
    /// Where in the other one it began.
    begin: u64,
    /// Bytes since that were the same.
    equal: u64,
}

#[derive(Debug, Default)]
struct Shared {
    progress: Mutex<Progress>,
    grown: Condvar,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    written: u64,
    state: SpoolState,
}

/// Whether more bytes are to come.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum SpoolState {
    #[default]
    Growing,
    Finished,
    Abandoned,
}

impl Spool {
    /// Makes the file.
    ///
    /// # Errors
    /// When it can't be made, also because it is there already.
    pub(super) fn create(path: PathBuf) -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|error| at(&error, &path))?;
        Ok(Self {
            file,
            path,
            head: Vec::new(),
            mirror: None,
            shared: Arc::default(),
        })
    }

    /// Goes on with a file that an earlier run began.
    ///
    /// # Errors
    /// When it can't be read.
    pub(super) fn reopen(path: PathBuf) -> io::Result<Self> {
        let error = |error| at(&error, &path);
        let mut file = File::options()
            .read(true)
            .write(true)
            .open(&path)
            .map_err(error)?;
        let mut head = Vec::new();
        (&file)
            .take(HEAD_BYTES as u64)
            .read_to_end(&mut head)
            .map_err(error)?;
        let written = file.seek(SeekFrom::End(0)).map_err(error)?;
        let shared: Arc<Shared> = Arc::default();
        shared.lock().written = written;
        Ok(Self {
            file,
            path,
            head,
            mirror: None,
            shared,
        })
    }

    /// Appends; followers learn of it when it is in the file.
    ///
    /// # Errors
    /// When the disk does not take the bytes. What was written before stays.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let equal = match &mut self.mirror {
            None => 0,
            Some(mirror) => mirror.agree(bytes)?,
        };
        match bytes.get(equal..) {
            None | Some([]) => Ok(()),
            Some(rest) => {
                self.fill()?;
                self.append(rest)
            }
        }
    }

    /// If `other`, which is complete, begins with what is here: from now on, what comes is not written for as long as
    /// it is the same as there. Gateways send every picture twice; the second one costs no disk.
    ///
    /// # Errors
    /// When a file can't be read.
    pub(super) fn mirror(&mut self, other: &SpoolReader) -> io::Result<()> {
        let begin = self.bytes();
        let mut mirror = Mirror {
            other: other.path.clone(),
            reader: BufReader::with_capacity(READ_BYTES, File::open(&other.path)?),
            begin,
            equal: 0,
        };
        let mut here = BufReader::with_capacity(READ_BYTES, File::open(&self.path)?);
        while mirror.equal < begin {
            let bytes = here.fill_buf()?;
            let agreed = mirror.agree(bytes)?;
            if agreed == 0 || agreed < bytes.len() {
                return Ok(());
            }
            here.consume(agreed);
        }
        mirror.equal = 0;
        self.mirror = Some(mirror);
        Ok(())
    }

    /// Whether everything since [`Self::mirror`] was the same. The file has only what came before.
    pub(super) const fn is_mirror(&self) -> bool {
        self.mirror.is_some()
    }

    /// Whether both have the same content.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
            && match &self.mirror {
                Some(mirror) => mirror.other == other.path,
                None => self.head == other.head && has_same_content(&self.path, &other.path),
            }
    }

    /// Writes what was only compared so far, and ends the comparing.
    ///
    /// # Errors
    /// When the disk does not take the bytes, or does not give those of the other file.
    pub(super) fn fill(&mut self) -> io::Result<()> {
        let Some(Mirror {
            mut reader,
            begin,
            mut equal,
            ..
        }) = self.mirror.take()
        else {
            return Ok(());
        };
        reader.seek(SeekFrom::Start(begin))?;
        while equal > 0 {
            let bytes = reader.fill_buf()?;
            let count = bytes
                .len()
                .min(usize::try_from(equal).unwrap_or(usize::MAX));
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.append(bytes.get(..count).unwrap_or_default())?;
            reader.consume(count);
            equal -= count as u64;
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file
            .write_all(bytes)
            .map_err(|error| at(&error, &self.path))?;
        let missing = HEAD_BYTES.saturating_sub(self.head.len());
        self.head.extend(bytes.iter().take(missing));
        self.shared.lock().written += bytes.len() as u64;
        self.shared.grown.notify_all();
        Ok(())
    }

    /// Tells followers that this was all. The file may have ended early: whoever decodes it will notice.
    pub(super) fn finish(&mut self) {
        self.shared.end(SpoolState::Finished);
    }

    /// For whoever wants to read along.
    pub(super) fn reader(&self) -> SpoolReader {
        SpoolReader {
            path: self.path.clone(),
            shared: Arc::clone(&self.shared),
        }
    }

    /// The first bytes, at most 4 KiB.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether [`Self::head`] will not grow any more.
    pub(super) fn head_is_full(&self) -> bool {
        self.head.len() == HEAD_BYTES
    }

    /// Length in bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        let mirrored = self.mirror.as_ref().map_or(0, |mirror| mirror.equal);
        self.shared.lock().written + mirrored
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Mirror {
    /// How many of `bytes`, from the first on, are the next ones of the other file.
    fn agree(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut agreed = 0;
        while let Some(rest) = bytes.get(agreed..).filter(|rest| !rest.is_empty()) {
            let known = self.reader.fill_buf()?;
            let count = rest.len().min(known.len());
            let equal = if rest.get(..count) == known.get(..count) {
                count
            } else {
                rest.iter().zip(known).take_while(|(a, b)| a == b).count()
            };
            self.reader.consume(equal);
            agreed += equal;
            if equal == 0 || equal < count {
                break;
            }
        }
        self.equal += agreed as u64;
        Ok(agreed)
    }
}

/// Whether two files can be read and have the same bytes.
fn has_same_content(one: &Path, other: &Path) -> bool {
    let hash = |path| hash_file(path).ok();
    hash(one).is_some_and(|found| hash(other) == Some(found))
}

/// The same error, with the file's name for people.
fn at(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{error}: {}", path.display()))
}

impl Drop for Spool {
    /// Nobody waits for bytes that can't come any more.
    fn drop(&mut self) {
        self.shared.end(SpoolState::Abandoned);
    }
}

/// Opens a spool for reading as often as needed.
#[derive(Clone, Debug)]
pub(super) struct SpoolReader {
    path: PathBuf,
    shared: Arc<Shared>,
}

impl SpoolReader {
    /// A reader from the first byte on that waits for what is still to come.
    ///
    /// # Errors
    /// When the file can't be opened again.
    pub(super) fn follow(&self) -> io::Result<GrowingFile> {
        Ok(GrowingFile {
            file: File::open(&self.path)?,
            shared: Arc::clone(&self.shared),
            stopped: Arc::default(),
            buffer: Vec::new(),
            used: 0,
            position: 0,
        })
    }
}

/// Makes a follower stop, also one that waits.
#[derive(Clone, Debug)]
pub(super) struct Interrupt {
    shared: Arc<Shared>,
    stopped: Arc<AtomicBool>,
}

impl Interrupt {
    pub(super) fn stop(&self) {
        // Under the lock, so that nobody looks just before and then waits for good.
        let progress = self.shared.lock();
        self.stopped.store(true, Ordering::Relaxed);
        drop(progress);
        self.shared.grown.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first end counts.
    fn end(&self, state: SpoolState) {
        let mut progress = self.lock();
        if progress.state == SpoolState::Growing {
            progress.state = state;
        }
        drop(progress);
        self.grown.notify_all();
    }

    /// Waits until there are bytes after `position`; `None` when the file has ended before.
    fn wait_beyond(&self, position: u64, stopped: &AtomicBool) -> io::Result<Option<u64>> {
        let mut progress = self.lock();
        loop {
            if stopped.load(Ordering::Relaxed) {
                return Err(media::canceled());
            }
            if progress.written > position {
                return Ok(Some(progress.written));
            }
            match progress.state {
                SpoolState::Growing => {
                    progress = self
                        .grown
                        .wait(progress)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                SpoolState::Finished => return Ok(None),
                SpoolState::Abandoned => return Err(media::canceled()),
            }
        }
    }
}

/// Reads a spool while it is being written: where a file would end, it waits for more.
///
/// A spool that is dropped without having been finished ends with [`media::canceled`].
#[derive(Debug)]
pub(super) struct GrowingFile {
    file: File,
    shared: Arc<Shared>,
    stopped: Arc<AtomicBool>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that were consumed.
    used: usize,
    /// Where in the file `buffer` ends.
    position: u64,
}

impl GrowingFile {
    /// For another thread to end this follower with.
    pub(super) fn interrupt(&self) -> Interrupt {
        Interrupt {
            shared: Arc::clone(&self.shared),
            stopped: Arc::clone(&self.stopped),
        }
    }

    /// Waits until the last byte is written, and gives the length.
    fn wait_for_end(&self) -> io::Result<u64> {
        let mut length = 0;
        while let Some(written) = self.shared.wait_beyond(length, &self.stopped)? {
            length = written;
        }
        Ok(length)
    }
}

impl BufRead for GrowingFile {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.buffer.len() {
            self.used = 0;
            self.buffer.clear();
            if let Some(written) = self.shared.wait_beyond(self.position, &self.stopped)? {
                let wanted = (written - self.position).min(READ_BYTES as u64);
                let read = (&self.file).take(wanted).read_to_end(&mut self.buffer)?;
                self.position += read as u64;
            }
        }
        Ok(self.buffer.get(self.used..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.used = (self.used + amount).min(self.buffer.len());
    }
}

impl Read for GrowingFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl Seek for GrowingFile {
    /// From the end only once the file has one.
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let here = self.position - (self.buffer.len() - self.used) as u64;
        let target = match to {
            SeekFrom::Start(target) => Some(target),
            SeekFrom::Current(by) => here.checked_add_signed(by),
            SeekFrom::End(by) => self.wait_for_end()?.checked_add_signed(by),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        let buffered = self.position - self.buffer.len() as u64;
        match target
            .checked_sub(buffered)
            .and_then(|offset| usize::try_from(offset).ok())
        {
            Some(offset) if offset <= self.buffer.len() => self.used = offset,
            _ => {
                self.file.seek(SeekFrom::Start(target))?;
                self.buffer.clear();
                self.used = 0;
                self.position = target;
            }
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool() -> (tempfile::TempDir, Spool) {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::create(dir.path().join("blob-0.part")).unwrap();
        (dir, spool)
    }

    #[test]
    fn what_came_before_is_compared_instead_of_written() {
        let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
        let other = |at: usize| {
            let mut other = bytes.clone();
            other[at] ^= 1;
            other
        };
        let longer = [bytes.as_slice(), b"more"].concat();
        let check = |second: &[u8], chunk: usize| {
            let dir = tempfile::tempdir().unwrap();
            let mut spool = Spool::create(dir.path().join("first")).unwrap();
            spool.write(&bytes).unwrap();
            spool.finish();
            let mut again = Spool::create(dir.path().join("second")).unwrap();
            let mut chunks = second.chunks(chunk);
            again.write(chunks.next().unwrap()).unwrap();
            again.mirror(&spool.reader()).unwrap();
            for chunk in chunks {
                again.write(chunk).unwrap();
            }
            let is_part = bytes.starts_with(second);
            assert_eq!(again.is_mirror(), is_part);
            assert_eq!(again.is_same(&spool), second == bytes);
            assert_eq!(again.bytes(), second.len() as u64);
            let written = std::fs::metadata(again.path()).unwrap().len();
            assert_eq!(
                written,
                if is_part {
                    chunk.min(second.len())
                } else {
                    second.len()
                } as u64
            );
            again.fill().unwrap();
            assert_eq!(std::fs::read(again.path()).unwrap(), second);
            assert_eq!(again.is_same(&spool), second == bytes);
        };
        for chunk in [1_000, 7_919, 65_536, 300_000] {
            check(&bytes, chunk);
            check(&bytes[..200_000], chunk);
            check(&longer, chunk);
            for at in [1_000, 100_000, 299_999] {
                check(&other(at), chunk);
            }
        }
    }

    #[test]
    fn a_follower_reads_behind_the_writer_to_the_end() {
        let (_dir, mut spool) = spool();
        let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
        let mut follower = spool.reader().follow().unwrap();
        let reader = std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                let mut read = Vec::new();
                follower.read_to_end(&mut read).map(|_| read)
            });
            for chunk in bytes.chunks(7_919) {
                spool.write(chunk).unwrap();
            }
            spool.finish();
            reader.join().unwrap()
        });
        assert_eq!(reader.unwrap(), bytes);
        assert_eq!(spool.bytes(), 300_000);
        assert_eq!(spool.head(), &bytes[..HEAD_BYTES]);

        let mut late = spool.reader().follow().unwrap();
        let mut read = [0; 4];
        late.seek(SeekFrom::Start(100_000)).unwrap();
        late.read_exact(&mut read).unwrap();
        assert_eq!(read, bytes[100_000..100_004]);
        late.seek(SeekFrom::Current(-4)).unwrap();
        late.read_exact(&mut read).unwrap();
        assert_eq!(read, bytes[100_000..100_004]);
        late.seek(SeekFrom::End(-4)).unwrap();
        late.read_exact(&mut read).unwrap();
        assert_eq!(read, bytes[299_996..]);
        assert_eq!(late.read(&mut read).unwrap(), 0);
        assert!(late.seek(SeekFrom::Current(-400_000)).is_err());
    }

    #[test]
    fn a_follower_of_an_abandoned_spool_gets_what_came_and_then_an_error() {
        let (_dir, mut spool) = spool();
        spool.write(b"half").unwrap();
        let mut follower = spool.reader().follow().unwrap();
        drop(spool);
        let mut read = [0; 4];
        follower.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"half");
        assert!(follower.read(&mut read).is_err());
        assert!(follower.seek(SeekFrom::End(0)).is_err());
    }

    #[test]
    fn a_follower_that_waits_can_be_stopped() {
        let (_dir, spool) = spool();
        let mut follower = spool.reader().follow().unwrap();
        let interrupt = follower.interrupt();
        std::thread::scope(|scope| {
            let reads = scope.spawn(move || follower.read(&mut [0; 4]).is_err());
            interrupt.stop();
            assert!(reads.join().unwrap());
        });
        assert_eq!(spool.bytes(), 0);
    }

    #[test]
    fn a_spool_goes_on_where_an_earlier_run_was_cut() {
        let (dir, mut spool) = spool();
        let bytes: Vec<u8> = (0..10_000u32).map(|n| (n % 251) as u8).collect();
        spool.write(&bytes[..7_000]).unwrap();
        drop(spool);
        let path = dir.path().join("blob-0.part");
        let mut spool = Spool::reopen(path.clone()).unwrap();
        assert_eq!(spool.bytes(), 7_000);
        assert_eq!(spool.head(), &bytes[..HEAD_BYTES]);
        spool.write(&bytes[7_000..]).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), bytes);
        Spool::reopen(dir.path().join("absent")).unwrap_err();
    }

    #[test]
    fn a_spool_never_overwrites() {
        let (dir, _spool) = spool();
        assert!(Spool::create(dir.path().join("blob-0.part")).is_err());
    }
}
