//! What has been asked of the engine and not been answered, so that nothing is asked twice.

use std::collections::HashSet;

use crate::engine::{Command, ThumbnailSize};
use crate::model::ImageId;

/// From here on old questions about records are forgotten; they may be asked again.
const MOST_RECORDS: usize = 4_096;

/// Open questions.
#[derive(Debug, Default)]
pub(super) struct Requests {
    thumbnails: HashSet<(ImageId, ThumbnailSize)>,
    records: HashSet<ImageId>,
}

impl Requests {
    /// Asks for the thumbnails that a frame missed, unless all of them are on their way. The engine drops what was
    /// asked before, so the whole list goes again.
    pub(super) fn thumbnails(&mut self, wanted: &[(ImageId, ThumbnailSize)]) -> Option<Command> {
        if wanted.iter().all(|key| self.thumbnails.contains(key)) {
            return None;
        }
        self.thumbnails = wanted.iter().copied().collect();
        Some(Command::Thumbnails {
            wanted: wanted.to_vec(),
        })
    }

    /// A thumbnail came.
    pub(super) fn thumbnail_came(&mut self, id: ImageId, size: ThumbnailSize) {
        self.thumbnails.remove(&(id, size));
    }

    /// Asks for the records that a frame missed.
    pub(super) fn records(&mut self, wanted: &[ImageId]) -> Option<Command> {
        if self.records.len() > MOST_RECORDS {
            self.records.clear();
        }
        let mut new: Vec<ImageId> = wanted.to_vec();
        new.retain(|id| self.records.insert(*id));
        (!new.is_empty()).then_some(Command::LoadRecords(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_twice_while_it_is_on_its_way() {
        let id = |n| (ImageId::from_parts(n, 0), ThumbnailSize::Small);
        let mut requests = Requests::default();
        assert!(requests.thumbnails(&[id(1), id(2)]).is_some());
        assert!(requests.thumbnails(&[id(2)]).is_none());
        assert!(requests.thumbnails(&[id(2), id(3)]).is_some());
        let (image, size) = id(2);
        requests.thumbnail_came(image, size);
        assert!(requests.thumbnails(&[id(2)]).is_some());
        assert!(requests.thumbnails(&[]).is_none());
        assert!(requests.records(&[image]).is_some());
        assert!(requests.records(&[image]).is_none());
    }
}
