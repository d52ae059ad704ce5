//! Work that is done in portions. It pauses between them: whoever does it goes on when there is time, or never. So the
//! page proves what somebody brings by the same code as the command does, and stays at hand meanwhile.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// The end of a portion.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    is_over: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        // Who asks again goes on: there is nothing to wait for.
        match std::mem::replace(&mut self.is_over, true) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// Does a portion. What came of the whole, if that was the last.
pub(crate) fn portion<T>(work: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> Option<T> {
    match work.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

/// Does all of it at once.
pub(crate) fn at_once<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        if let Some(result) = portion(work.as_mut()) {
            return result;
        }
    }
}
