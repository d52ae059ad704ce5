//! What can be asked of the history of a run, and the moments in it.

use highwater_cluster::ids::EventId;
use highwater_cluster::view::TransactionState;
use highwater_scenario::chronicle::{Happening, Moment as Happened};
use highwater_scenario::invariants::{Anomaly, Finding};

use super::cluster::count;
use super::{Arguments, Look, Moment, Unmet, Value, happened_in_words};
use crate::model::Reason;

impl Look<'_> {
    pub(super) fn of_history(
        &self,
        name: &str,
        with: &Arguments<'_>,
    ) -> Option<Result<Value, Unmet>> {
        let number = match name {
            "time" => Value::Number(i64::try_from(self.view.at.0 / 1_000).unwrap_or(i64::MAX)),
            "first" => {
                let first = self.happened(with).first().map(|moment| moment.at.0 / 1_000);
                let Some(at) = first else {
                    let happening = with.text(0);
                    let what = happened_in_words(&happening).to_owned();
                    return Some(Err(Unmet::new(Reason::NotSo).with("what", what)));
                };
                Value::Number(i64::try_from(at).unwrap_or(i64::MAX))
            }
            "anomalies" => count(self.anomalies(with).count()),
            "transactions_open" => {
                let id = with.may_text(0);
                let open = self.view.transactions.iter().filter(|known| {
                    let is_it = id.as_ref().is_none_or(|id| known.id.as_str() == id);
                    is_it && known.state == TransactionState::Ongoing
                });
                count(open.count())
            }
            _ => count(self.moments(name, with)?.len()),
        };
        Some(Ok(number))
    }

    /// The moment at which something that is counted was one too many: the one after the first `most`.
    pub(super) fn nth_moment(
        &self,
        name: &str,
        with: &Arguments<'_>,
        most: usize,
    ) -> Option<Moment> {
        if name == "anomalies" {
            return self.anomalies(with).nth(most).map(|finding| self.moment(finding.event));
        }
        let moments = self.moments(name, with)?;
        let moment = moments.get(most)?;
        Some(Moment { event: moment.event, at: Some(moment.at) })
    }

    /// An event as a moment to go back to.
    pub(super) fn moment(&self, event: EventId) -> Moment {
        Moment { event, at: self.session.causes().event(event).map(|event| event.at) }
    }

    /// The moments that a function counts.
    fn moments(&self, name: &str, with: &Arguments<'_>) -> Option<Vec<&Happened>> {
        let all = || self.session.progress().chronicle.moments();
        let of = |what: Happening| all().filter(move |moment: &&Happened| moment.what == what);
        let first = with.may_text(0);
        let has_text =
            |moment: &&Happened| first.as_ref().is_none_or(|text| *moment.text == **text);
        let in_topic =
            |moment: &&Happened| first.as_deref().is_none_or(|topic| is_topic(moment, topic));
        Some(match name {
            "ran" => {
                let words = with.text(0);
                of(Happening::LineRan).filter(|moment| has_words(&moment.text, &words)).collect()
            }
            "printed" => {
                let (text, by) = (with.text(0), with.may_text(1));
                let printed = all().filter(|moment| {
                    matches!(moment.what, Happening::Printed | Happening::ErrorPrinted)
                });
                printed
                    .filter(|moment| moment.text.contains(&text))
                    .filter(|moment| {
                        let line = moment.by.as_deref().unwrap_or_default();
                        by.as_ref().is_none_or(|by| has_words(line, by))
                    })
                    .collect()
            }
            "failures" => of(Happening::CommandFailed).collect(),
            "rebalances" => of(Happening::RebalanceBegan)
                .filter(|moment| {
                    let group = moment.group.as_ref().map(|group| group.as_str());
                    group == first.as_deref()
                })
                .collect(),
            "transactions_committed" => {
                of(Happening::TransactionCommitted).filter(has_text).collect()
            }
            "transactions_aborted" => of(Happening::TransactionAborted).filter(has_text).collect(),
            "failed" => of(Happening::RecordsFailed).filter(in_topic).collect(),
            "retried" => of(Happening::ProduceRetried).filter(in_topic).collect(),
            "refused" => {
                let error = with.may_text(1);
                of(Happening::ProduceRefused)
                    .filter(in_topic)
                    .filter(|moment| error.as_ref().is_none_or(|error| *moment.text == **error))
                    .collect()
            }
            "happened" => self.happened(with),
            _ => return None,
        })
    }

    fn happened(&self, with: &Arguments<'_>) -> Vec<&Happened> {
        let word = |place| {
            let name = with.may_text(place)?;
            Happening::ALL.iter().copied().find(|what| what.name() == name)
        };
        let (what, after, before) = (word(0), word(4), word(5));
        let (topic, group, text) = (with.may_text(1), with.may_text(2), with.may_text(3));
        let all = || self.session.progress().chronicle.moments();
        let begins = match after {
            Some(after) => match all().find(|moment| moment.what == after) {
                Some(first) => first.event,
                None => return Vec::new(),
            },
            None => EventId(0),
        };
        let ends = all()
            .find(|moment| Some(moment.what) == before && moment.event > begins)
            .map_or(EventId(u64::MAX), |moment| moment.event);
        all()
            .filter(|moment| Some(moment.what) == what && (begins..ends).contains(&moment.event))
            .filter(|moment| topic.as_deref().is_none_or(|topic| is_topic(moment, topic)))
            .filter(|moment| {
                let known = moment.group.as_ref().map(|group| group.as_str());
                group.as_deref().is_none_or(|group| known == Some(group))
            })
            .filter(|moment| text.as_ref().is_none_or(|text| moment.text.contains(text)))
            .collect()
    }

    fn anomalies<'s>(
        &'s self,
        with: &Arguments<'_>,
    ) -> impl Iterator<Item = &'s Finding> + use<'s> {
        let (kind, topic) = (with.may_text(0), with.may_text(1));
        self.session.invariants().found().iter().filter(move |finding| {
            let id = finding.what.id().strip_prefix("found.").unwrap_or_default();
            // Some have a word more that says why.
            let is_kind = kind.as_ref().is_none_or(|kind| {
                let more = id.strip_prefix(kind.as_str());
                more.is_some_and(|more| more.is_empty() || more.starts_with('-'))
            });
            let of_topic = topic.as_ref().is_none_or(|topic| concerns(&finding.what, topic));
            is_kind && of_topic && !finding.what.is_violation()
        })
    }
}

/// Whether an anomaly is about a topic.
fn concerns(what: &Anomaly, topic: &str) -> bool {
    match what {
        Anomaly::LostWrite { partition, .. }
        | Anomaly::NeverWritten { partition, .. }
        | Anomaly::Duplicate { partition, .. }
        | Anomaly::Reordered { partition, .. }
        | Anomaly::ProcessedTwice { partition, .. }
        | Anomaly::Skipped { partition, .. }
        | Anomaly::WentBack { partition, .. }
        | Anomaly::NeverMade { partition, .. }
        | Anomaly::MadeTwice { partition, .. }
        | Anomaly::TruncatedAfterRead { partition, .. } => partition.topic.as_str() == topic,
        _ => false,
    }
}

fn is_topic(moment: &Happened, topic: &str) -> bool {
    moment.topic.as_ref().is_some_and(|known| known.as_str() == topic)
}

/// Whether a line has all words, in this order; `*` stands for any one.
fn has_words(line: &str, words: &str) -> bool {
    let mut typed = line.split_whitespace();
    words.split_whitespace().all(|word| typed.any(|typed| word == "*" || typed == word))
}

#[cfg(test)]
mod tests {
    use super::has_words;

    #[test]
    fn words_are_found_in_their_order() {
        let line = "kafka-topics.sh --describe --topic orders";
        assert!(has_words(line, "kafka-topics.sh --topic orders"));
        assert!(has_words(line, "--topic *"));
        assert!(!has_words(line, "--topic kafka-topics.sh"));
        assert!(!has_words(line, "--topic order"));
    }
}
