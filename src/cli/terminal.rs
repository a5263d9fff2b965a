//! Where results and talk go. A reader that closes the pipe has seen enough: that is no error.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use super::args::{Color, Common};
use crate::foreign;
use crate::secret::prose;

/// The two streams, and how they may be used.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    color: ColorChoice,
    quiet: bool,
}

const ERROR: Style = AnsiColor::Red.on_default().bold();

impl Terminal {
    pub fn new(common: &Common) -> Self {
        Self::plain(common.color).quietly(common.quiet)
    }

    /// The same, with less talk if `quiet` says so.
    pub fn quietly(self, quiet: bool) -> Self {
        Self { quiet, ..self }
    }

    /// For commands that take no INPUT.
    pub fn plain(color: Color) -> Self {
        let color = match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::AlwaysAnsi,
            Color::Never => ColorChoice::Never,
        };
        Self { color, quiet: false }
    }

    /// Whether results go to a terminal.
    pub fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Shows a result for people: text with styles, which go where they are not wanted.
    pub fn result(self, text: &str) -> io::Result<()> {
        let choice = match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stdout()),
            chosen => chosen,
        };
        let mut stream = AutoStream::new(io::stdout().lock(), choice);
        seen_enough(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
    }

    /// Shows a result for programs, byte for byte.
    pub fn data(self, text: &str) -> io::Result<()> {
        self.write(&|out| out.write_all(text.as_bytes()))
    }

    /// Shows the result for programs that `write` writes, byte for byte.
    #[allow(clippy::unused_self, reason = "results go where the terminal says")]
    pub fn write(self, write: &dyn Fn(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        seen_enough(write(&mut stream).and_then(|()| stream.flush()))
    }

    /// Says what is going on, unless told to be quiet.
    pub fn talk(self, text: impl Display) {
        if !self.quiet {
            self.say(&format!("{}\n", foreign::line(&foreign::without_numbers(&prose(&text.to_string())))));
        }
    }

    /// A line on a terminal's stderr that shows how many of `count` INPUTs are done; nothing for a single one.
    pub fn progress(self, count: usize) -> ProgressBar {
        if self.quiet || count < 2 {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{pos} of {len} inputs, {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(count as u64).with_style(style)
    }

    /// Says what went wrong.
    pub fn error(self, text: impl Display) {
        self.say(&format!(
            "{ERROR}error{ERROR:#}: {}\n",
            foreign::line(&foreign::without_numbers(&prose(&text.to_string())))
        ));
    }

    /// Says what went wrong, and `lines` of ours below it.
    pub fn error_with(self, text: impl Display, lines: &str) {
        self.error(text);
        self.say(&foreign::lines(lines));
    }

    fn say(self, text: &str) {
        let choice = match self.color {
            ColorChoice::Auto => AutoStream::choice(&io::stderr()),
            chosen => chosen,
        };
        // There is nobody left to tell if stderr is closed.
        let _ = AutoStream::new(io::stderr().lock(), choice).write_all(text.as_bytes());
    }
}

/// A reader that closed the pipe has seen enough.
fn seen_enough(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
