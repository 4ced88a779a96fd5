//! What became of the callers of queues, day by day (QU-13).

use model::{Duration, Number, Wall};
use std::ops::AddAssign;

/// Which callers of a queue are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueQuery {
    /// The queue.
    pub queue: Number,
    /// When the days begin, and at the end when the last is over: one more than there are days, in order.
    pub midnights: Vec<Wall>,
    /// Who is answered within this is served well.
    pub service_level: Duration,
}

/// What happened in a queue: one element a day, as many as were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueStatistics {
    /// What became of those who came on each day.
    pub days: Vec<QueueTotals>,
    /// What each agent did for those who came on each day.
    pub agents: Vec<(Number, Vec<AgentTotals>)>,
}

/// What became of those who came to a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueTotals {
    /// All who came.
    pub offered: u64,
    /// Of them, those who talked with somebody.
    pub answered: u64,
    /// Those who hung up.
    pub abandoned: u64,
    /// Those who were sent on: the queue was full, nobody was there, or they had waited too long.
    pub overflowed: u64,
    /// Those who pressed the key for it.
    pub left_by_key: u64,
    /// Those who left a message instead.
    pub left_message: u64,
    /// Those who asked to be called back and were not reached.
    pub not_reached: u64,
    /// Those whom a stop of the server, or a removed queue, cut off.
    pub interrupted: u64,
    /// Those who still wait.
    pub waiting: u64,
    /// All who asked to be called back, whatever became of it.
    pub callbacks: u64,
    /// Of those who were answered, those who were so within the service level.
    pub within_level: u64,
    /// How long those who were answered waited, together.
    pub waited: Duration,
    /// How long anybody waited at most.
    pub longest: Duration,
    /// How long was talked with those who were answered, together.
    pub talked: Duration,
}

/// What an agent did for the callers of a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentTotals {
    /// How often he was rung.
    pub offered: u64,
    /// How often he did not take the call, nor did anybody else meanwhile.
    pub missed: u64,
    /// How many callers he took.
    pub answered: u64,
    /// How long he talked with them, together.
    pub talked: Duration,
}

impl AddAssign for QueueTotals {
    fn add_assign(&mut self, other: Self) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.abandoned += other.abandoned;
        self.overflowed += other.overflowed;
        self.left_by_key += other.left_by_key;
        self.left_message += other.left_message;
        self.not_reached += other.not_reached;
        self.interrupted += other.interrupted;
        self.waiting += other.waiting;
        self.callbacks += other.callbacks;
        self.within_level += other.within_level;
        self.waited += other.waited;
        self.longest = self.longest.max(other.longest);
        self.talked += other.talked;
    }
}

impl AddAssign for AgentTotals {
    fn add_assign(&mut self, other: Self) {
        self.offered += other.offered;
        self.missed += other.missed;
        self.answered += other.answered;
        self.talked += other.talked;
    }
}
