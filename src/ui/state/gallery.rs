//! All results in their order, and what is known of those that were looked at.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::engine::GalleryChange;
use crate::model::{ImageId, ImageRecord};

/// The ids of all results, newest first. What is selected among them is the grid's.
#[derive(Debug, Default)]
pub struct Gallery {
    ids: Vec<ImageId>,
    /// The list has been told.
    loaded: bool,
}

impl Gallery {
    /// Newest first.
    #[must_use]
    pub fn ids(&self) -> &[ImageId] {
        &self.ids
    }

    /// Whether the list has been told; an empty one is not a missing one.
    #[must_use]
    pub const fn is_loaded(&self) -> bool {
        self.loaded
    }

    /// Whether `id` is there; the list is sorted, so this is quick.
    #[must_use]
    pub fn contains(&self, id: ImageId) -> bool {
        self.place(id).is_ok()
    }

    fn place(&self, id: ImageId) -> Result<usize, usize> {
        self.ids.binary_search_by(|other| id.cmp(other))
    }

    /// Takes a change in; gives those that are gone.
    pub(super) fn apply(&mut self, change: GalleryChange) -> Vec<ImageId> {
        match change {
            GalleryChange::All(ids) => {
                self.loaded = true;
                let before = std::mem::replace(&mut self.ids, ids.to_vec());
                // Ids sort by time, and everything here relies on the order.
                self.ids.sort_unstable_by(|a, b| b.cmp(a));
                self.ids.dedup();
                before
                    .into_iter()
                    .filter(|id| !self.contains(*id))
                    .collect()
            }
            GalleryChange::Added(id) => {
                self.insert(id);
                Vec::new()
            }
            GalleryChange::Restored(ids) => {
                for id in ids {
                    self.insert(id);
                }
                Vec::new()
            }
            GalleryChange::Removed(gone) => {
                let set: BTreeSet<ImageId> = gone.iter().copied().collect();
                self.ids.retain(|id| !set.contains(id));
                gone
            }
        }
    }

    fn insert(&mut self, id: ImageId) {
        if let Err(place) = self.place(id) {
            self.ids.insert(place, id);
        }
    }
}

/// Most records that are kept; a screen shows a few hundred.
const MOST_RECORDS: usize = 2_048;

/// Records of results that were looked at. Their number is bounded, whatever the size of the library.
#[derive(Debug, Default)]
pub struct Records {
    map: HashMap<ImageId, ImageRecord>,
    order: VecDeque<ImageId>,
}

impl Records {
    /// What is known of `id`.
    #[must_use]
    pub fn get(&self, id: ImageId) -> Option<&ImageRecord> {
        self.map.get(&id)
    }

    pub(super) fn put(&mut self, record: ImageRecord) {
        let id = record.id;
        if self.map.insert(id, record).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > MOST_RECORDS {
            if let Some(oldest) = self.order.pop_front() {
                self.map.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> ImageId {
        ImageId::from_parts(n, 0)
    }

    #[test]
    fn changes_keep_the_order() {
        let mut gallery = Gallery::default();
        assert!(!gallery.is_loaded());
        gallery.apply(GalleryChange::All([1, 3, 2, 3].map(id).into()));
        assert_eq!(gallery.ids(), [3, 2, 1].map(id));
        gallery.apply(GalleryChange::Added(id(6)));
        gallery.apply(GalleryChange::Added(id(6)));
        gallery.apply(GalleryChange::Removed(vec![id(3), id(2)]));
        assert_eq!(gallery.ids(), [6, 1].map(id));
        gallery.apply(GalleryChange::Restored(vec![id(2), id(3)]));
        assert_eq!(gallery.ids(), [6, 3, 2, 1].map(id));
        assert!(gallery.contains(id(2)) && !gallery.contains(id(5)));
        let gone = gallery.apply(GalleryChange::All([6, 3].map(id).into()));
        assert_eq!(gone, [2, 1].map(id));
    }
}
