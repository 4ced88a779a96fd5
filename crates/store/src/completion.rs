//! How a writer learns that what it wrote is on disk.

use crate::WriteError;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// Resolves when the write is on disk, or will never be.
#[derive(Debug)]
pub struct Completion<T = ()>(oneshot::Receiver<Result<T, WriteError>>);

impl<T> Completion<T> {
    /// Waits in a thread that may block; not within an asynchronous task.
    pub fn wait(self) -> Result<T, WriteError> {
        self.0.blocking_recv().unwrap_or(Err(WriteError::Closed))
    }
}

impl<T> Future for Completion<T> {
    type Output = Result<T, WriteError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map(|outcome| outcome.unwrap_or(Err(WriteError::Closed)))
    }
}

/// Whom to tell about one write.
pub(crate) struct Done<T = ()>(Option<Tell<T>>);

type Tell<T> = Box<dyn FnOnce(Result<T, WriteError>) + Send>;

impl<T: Send + 'static> Done<T> {
    /// A function, called on the writer's thread: it must not block.
    pub(crate) fn call(tell: impl FnOnce(Result<T, WriteError>) + Send + 'static) -> Self {
        Self(Some(Box::new(tell)))
    }

    /// Somebody who waits.
    pub(crate) fn awaited() -> (Self, Completion<T>) {
        let (sender, receiver) = oneshot::channel();
        let tell = move |outcome| {
            // Nobody waits any more: the write is made all the same.
            let _ = sender.send(outcome);
        };
        (Self::call(tell), Completion(receiver))
    }

    pub(crate) fn tell(mut self, outcome: Result<T, WriteError>) {
        if let Some(tell) = self.0.take() {
            tell(outcome);
        }
    }
}

impl<T> Drop for Done<T> {
    fn drop(&mut self) {
        if let Some(tell) = self.0.take() {
            tell(Err(WriteError::Closed));
        }
    }
}
