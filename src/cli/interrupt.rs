//! Ctrl-C and TERM while files are written: what is staged is removed, and what is begun is finished, before the run ends.
//! A second one ends it at once; the next run puts right what is left then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(unix)]
use signal_hook::consts::{SIGINT, SIGTERM};

/// What was asked while files were written.
pub struct Interrupt {
    /// A signal came.
    stop: Arc<AtomicBool>,
    /// No files are being written: a signal ends the run as it always does.
    idle: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on.
    pub fn new() -> Self {
        let interrupt = Self { stop: Arc::default(), idle: Arc::new(AtomicBool::new(true)) };
        #[cfg(unix)]
        for signal in [SIGINT, SIGTERM] {
            use signal_hook::flag;
            // Without a handler a signal ends the run, and the next one cleans up. What is done at once comes first.
            let _ = flag::register_conditional_default(signal, Arc::clone(&interrupt.idle));
            let _ = flag::register_conditional_default(signal, Arc::clone(&interrupt.stop));
            let _ = flag::register(signal, Arc::clone(&interrupt.stop));
        }
        interrupt
    }

    /// Set once a signal came.
    pub fn stop(&self) -> &AtomicBool {
        &self.stop
    }

    /// Whether a signal came.
    pub fn is_asked(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Does `work`, which looks at [`Interrupt::stop`] now and then.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.idle.store(false, Ordering::SeqCst);
        let done = work();
        self.idle.store(true, Ordering::SeqCst);
        done
    }
}
