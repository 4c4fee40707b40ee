//! The terminal: taken for the screen, given back however the program ends.

use std::io::{self, Write as _};
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::{cursor, execute, queue, style, terminal};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::screen::Screen;

/// Refreshing more often only costs.
pub const SHORTEST_REFRESH: Duration = Duration::from_millis(200);
/// Keys typed ahead; the reader waits when there are more.
const KEYS: usize = 16;
/// How long the reading thread lives on when the screen is gone.
const POLL: Duration = Duration::from_millis(100);

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// q, Escape, Ctrl-C, SIGTERM.
    Quit,
    /// The size changed.
    Redraw,
    /// Another key.
    Char(char),
}

/// See the module.
#[derive(Debug)]
pub struct Terminal {
    keys: mpsc::Receiver<Key>,
    terminate: Signal,
}

impl Terminal {
    /// Takes the terminal.
    pub fn take() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        terminal::enable_raw_mode()?;
        let (sender, keys) = mpsc::channel(KEYS);
        // From here on dropping it gives the terminal back.
        let taken = Self { keys, terminate };
        execute!(io::stdout(), terminal::EnterAlternateScreen, cursor::Hide)?;
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || read_keys(&sender))?;
        Ok(taken)
    }

    /// The next key.
    pub async fn key(&mut self) -> Key {
        tokio::select! {
            key = self.keys.recv() => key.unwrap_or(Key::Quit),
            _ = self.terminate.recv() => Key::Quit,
        }
    }

    /// Shows the screen.
    pub fn draw(&mut self, screen: &Screen) -> io::Result<()> {
        let (width, height) = terminal::size()?;
        let mut lines = screen.lines(width.into(), height.into());
        lines.resize(height.into(), String::new());
        let mut out = io::stdout().lock();
        for (line, y) in lines.iter().zip(0..) {
            queue!(out, cursor::MoveTo(0, y), style::Print(line), terminal::Clear(terminal::ClearType::UntilNewLine))?;
        }
        out.flush()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nothing can be done for a terminal that does not take this.
        let _ = execute!(io::stdout(), cursor::Show, terminal::LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

fn read_keys(keys: &mpsc::Sender<Key>) {
    while !keys.is_closed() {
        let key = match event::poll(POLL) {
            Ok(false) => continue,
            Ok(true) => event::read().ok().and_then(key_of),
            Err(_) => Some(Key::Quit),
        };
        if key.is_some_and(|key| keys.blocking_send(key).is_err()) {
            return;
        }
    }
}

fn key_of(event: Event) -> Option<Key> {
    match event {
        Event::Resize(..) => Some(Key::Redraw),
        Event::Key(KeyEvent { kind: KeyEventKind::Release, .. }) => None,
        Event::Key(KeyEvent { code: KeyCode::Char('c'), modifiers, .. })
            if modifiers.contains(KeyModifiers::CONTROL) =>
        {
            Some(Key::Quit)
        }
        Event::Key(KeyEvent { code: KeyCode::Char('q') | KeyCode::Esc, .. }) => Some(Key::Quit),
        Event::Key(KeyEvent { code: KeyCode::Char(key), .. }) => Some(Key::Char(key)),
        _ => None,
    }
}
