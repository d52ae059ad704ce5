//! Which segments are cleaned into one, so that segments do not shrink with each pass.

use crate::config::LogConfig;
use crate::ids::Offset;
use crate::segment::Segment;

/// Groups neighbouring segments as long as their bytes together stay within `segment.bytes`, their indexes within
/// `segment.index.bytes`, and their offsets within the 32 bits that an index has for them.
pub(super) fn group_by_size<'s, 'a>(
    segments: &'s [&'a Segment],
    config: &LogConfig,
    first_uncleanable: Offset,
) -> Vec<&'s [&'a Segment]> {
    let (mut groups, mut first) = (Vec::new(), 0);
    while first < segments.len() {
        let mut sizes = Sizes::of(segments[first]);
        let mut end = first + 1;
        while end < segments.len() {
            let with_next = sizes.plus(Sizes::of(segments[end]));
            if !with_next.fit(config) || !offsets_fit(segments, first, end, first_uncleanable) {
                break;
            }
            sizes = with_next;
            end += 1;
        }
        groups.push(&segments[first..end]);
        first = end;
    }
    groups
}

/// The bytes of a segment's log, offset index and time index.
#[derive(Clone, Copy)]
struct Sizes {
    log: usize,
    offset_index: usize,
    time_index: usize,
}

impl Sizes {
    fn of(segment: &Segment) -> Self {
        Self {
            log: segment.size_in_bytes(),
            offset_index: segment.offset_index_size_in_bytes(),
            time_index: segment.time_index_size_in_bytes(),
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            log: self.log + other.log,
            offset_index: self.offset_index + other.offset_index,
            time_index: self.time_index + other.time_index,
        }
    }

    fn fit(self, config: &LogConfig) -> bool {
        self.log <= config.segment_bytes
            && self.offset_index <= config.segment_index_bytes
            && self.time_index <= config.segment_index_bytes
    }
}

/// Whether the segment at `next` can join those from `first` on by its offsets. Where it ends is told by where the one after
/// it begins; one without batches takes no room in an index.
fn offsets_fit(
    segments: &[&Segment],
    first: usize,
    next: usize,
    first_uncleanable: Offset,
) -> bool {
    let end = segments.get(next + 1).map_or(first_uncleanable, |after| after.base_offset());
    let range = (end - 1) - segments[first].base_offset();
    segments[next].size_in_bytes() == 0 || range <= i64::from(i32::MAX)
}
