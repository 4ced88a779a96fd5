//! What goes into one transaction.

use crate::completion::Done;
use crate::error::Trouble;
use crate::objects::ObjectChanges;
use crate::row::RowWrite;
use crate::sqlite::{Context, Session};
use crate::voicemail::{Changed, Unchanged, VoiceWrite};
use crate::{BindingRow, WriteError};
use model::{CallRecord, MessageCounts, Number, QueueFact, Site, Wall};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Writes that wait for the disk. Of one binding only the last write counts.
#[derive(Default)]
pub(crate) struct Batch {
    records: Vec<(Box<CallRecord>, Done)>,
    bindings: BTreeMap<(Number, String), Binding>,
    sites: Vec<(Replacement, Done<Arc<Site>>)>,
    /// In the order in which they were put.
    rows: Vec<(RowWrite, Done)>,
    /// In the order in which they were put.
    voices: Vec<(VoiceWrite, Done)>,
    /// What happened in queues, in that order. It is written with whatever is written next.
    queues: Vec<(Wall, QueueFact)>,
    /// Who waits for all of it.
    barriers: Vec<Done>,
}

/// What becomes of a binding, and whom to tell.
#[derive(Default)]
struct Binding {
    /// `None`: it is removed.
    row: Option<BindingRow>,
    done: Vec<Done>,
}

/// A configuration and what must be written to get there.
pub(crate) struct Replacement {
    pub(crate) site: Arc<Site>,
    pub(crate) changes: ObjectChanges,
    pub(crate) removed: BTreeSet<Number>,
}

/// What came of writing a batch.
#[derive(Default)]
pub(crate) struct Written {
    /// The places of records that the database refuses for what they are.
    refused: BTreeSet<usize>,
    /// The places of changes of mailboxes that were not made.
    unchanged: BTreeMap<usize, Unchanged>,
    /// What is to be done now that it is on disk.
    pub(crate) changed: Changed,
}

impl Batch {
    /// How many writes wait.
    pub(crate) fn len(&self) -> usize {
        self.records.len()
            + self.bindings.len()
            + self.sites.len()
            + self.rows.len()
            + self.voices.len()
            + self.queues.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether somebody waits for it: notes of queues can wait for the next write.
    pub(crate) fn is_urgent(&self) -> bool {
        self.len() > self.queues.len() || !self.barriers.is_empty()
    }

    pub(crate) fn record(&mut self, record: Box<CallRecord>, done: Done) {
        self.records.push((record, done));
    }

    /// Puts a binding, or removes it.
    pub(crate) fn binding(&mut self, key: (Number, String), row: Option<BindingRow>, done: Done) {
        let binding = self.bindings.entry(key).or_default();
        binding.row = row;
        binding.done.push(done);
    }

    pub(crate) fn row(&mut self, row: RowWrite, done: Done) {
        self.rows.push((row, done));
    }

    pub(crate) fn voice(&mut self, write: VoiceWrite, done: Done) {
        self.voices.push((write, done));
    }

    pub(crate) fn queue(&mut self, at: Wall, fact: QueueFact) {
        self.queues.push((at, fact));
    }

    pub(crate) fn site(&mut self, replacement: Replacement, done: Done<Arc<Site>>) {
        self.sites.push((replacement, done));
    }

    /// Tells when everything that waits is on disk.
    pub(crate) fn barrier(&mut self, done: Done) {
        self.barriers.push(done);
    }

    /// The configuration once all of this is written.
    pub(crate) fn last_site(&self) -> Option<Arc<Site>> {
        let (last, _) = self.sites.last()?;
        Some(Arc::clone(&last.site))
    }

    /// Writes all of it within an open transaction.
    pub(crate) async fn write(
        &self,
        session: &mut Session,
        cx: &Context<'_>,
    ) -> Result<Written, sqlx::Error> {
        let mut written = Written::default();
        for (replacement, _) in &self.sites {
            let voices = session
                .change_objects(&replacement.changes, &replacement.removed)
                .await?;
            written.changed.removed.extend(voices);
            let gone = replacement.removed.iter();
            let gone = gone.map(|mailbox| (*mailbox, MessageCounts::default()));
            written.changed.counts.extend(gone);
        }
        let put = self
            .bindings
            .values()
            .filter_map(|binding| binding.row.as_ref());
        if put.clone().next().is_some() {
            session.put_bindings(put).await?;
        }
        let removed = self
            .bindings
            .iter()
            .filter(|(_, binding)| binding.row.is_none());
        if removed.clone().next().is_some() {
            let keys = removed.map(|((extension, contact), _)| (extension, &**contact));
            session.remove_bindings(keys).await?;
        }
        for (row, _) in &self.rows {
            session.write_row(row).await?;
        }
        for (place, (voice, _)) in self.voices.iter().enumerate() {
            match session.write_voice(cx, voice).await? {
                Ok(changed) => written.changed.add(changed),
                Err(why) => {
                    written.unchanged.insert(place, why);
                }
            }
        }
        for (at, fact) in &self.queues {
            session.note_queue(*at, fact).await?;
        }
        written.refused = self.write_records(session).await?;
        Ok(written)
    }

    /// Returns the places of records that the database refuses for what they are.
    async fn write_records(&self, session: &mut Session) -> Result<BTreeSet<usize>, sqlx::Error> {
        let mut refused = BTreeSet::new();
        if self.records.is_empty() {
            return Ok(refused);
        }
        let all = session.put_records(self.records.iter().map(|(record, _)| &**record));
        match all.await {
            Ok(()) => return Ok(refused),
            Err(error) if Trouble::of(&error) != Trouble::Statement => return Err(error),
            Err(error) => tracing::error!(%error, "some of many call records are refused"),
        }
        // One by one, so that one does not keep the others from the disk.
        for (place, (record, _)) in self.records.iter().enumerate() {
            match session.put_records(std::iter::once(&**record)).await {
                Ok(()) => {}
                Err(error) if Trouble::of(&error) != Trouble::Statement => return Err(error),
                Err(error) => {
                    tracing::error!(%error, call = %record.call, "the call record is lost");
                    refused.insert(place);
                }
            }
        }
        Ok(refused)
    }

    /// Tells everybody that it is on disk.
    pub(crate) fn acknowledge(self, written: &Written) {
        let refused = &written.refused;
        for (place, (_, done)) in self.records.into_iter().enumerate() {
            done.tell(if refused.contains(&place) {
                Err(WriteError::Refused(String::from(
                    "the database refuses the record; the log says why",
                )))
            } else {
                Ok(())
            });
        }
        for done in self.bindings.into_values().flat_map(|binding| binding.done) {
            done.tell(Ok(()));
        }
        for (replacement, done) in self.sites {
            done.tell(Ok(replacement.site));
        }
        for (_, done) in self.rows {
            done.tell(Ok(()));
        }
        for (place, (_, done)) in self.voices.into_iter().enumerate() {
            done.tell(match written.unchanged.get(&place) {
                None => Ok(()),
                Some(why) => Err((*why).into()),
            });
        }
        for done in self.barriers {
            done.tell(Ok(()));
        }
    }

    /// Refuses what people wait for: changes of the configuration and of mailboxes, rows of the web. Everything else waits on.
    pub(crate) fn refuse_people(&mut self, why: &WriteError) {
        for (_, done) in self.sites.drain(..) {
            done.tell(Err(why.clone()));
        }
        for (_, done) in self.rows.drain(..) {
            done.tell(Err(why.clone()));
        }
        let (changes, others) = std::mem::take(&mut self.voices)
            .into_iter()
            .partition(|(write, _)| matches!(write, VoiceWrite::Change(..)));
        self.voices = others;
        let changes: Vec<(VoiceWrite, Done)> = changes;
        for (_, done) in changes {
            done.tell(Err(why.clone()));
        }
    }
}
