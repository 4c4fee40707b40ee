//! The child process that reads libvirt for the agent. A libvirt call can hang for as long as a guest's QEMU does, and
//! nothing but ending the process ends the call: so it is a process of its own that the agent may kill at any time.

use std::io;

use evenkeel_agent::scrape::groups::Groups;
use evenkeel_agent::scrape::protocol::{FrameError, Reply, Request, Scraped, receive, send};
use evenkeel_common::clock;
use virt::error::Error;

use crate::connect::{Connection, reason};
use crate::describe::Describer;
use crate::host_look::HostLooker;
use crate::stats::{self, Handles};

/// Answers requests until stdin closes.
///
/// # Errors
/// When a request is no request or the pipe breaks: the agent starts another worker.
pub fn run(uri: &str) -> Result<(), FrameError> {
    virt::error::clear_error_callback();
    let mut worker =
        Worker { uri, connection: None, describer: Describer::default(), handles: Handles::default(), host: None };
    let mut requests = io::stdin().lock();
    let mut replies = io::stdout().lock();
    while let Some(request) = receive(&mut requests)? {
        let reply = match request {
            Request::Scrape { nowait, groups, only, describe_max, refresh } => {
                refresh.into_iter().for_each(|uuid| worker.describer.refresh(uuid));
                let describe_max = usize::try_from(describe_max).unwrap_or(usize::MAX);
                match worker.scrape(&Question { nowait, groups, only, describe_max }) {
                    Ok(scraped) => Reply::Scraped(scraped),
                    Err(error) => Reply::Failed { reason: reason(&error) },
                }
            }
            Request::Host { begin } => Reply::Host(worker.host.get_or_insert_with(|| HostLooker::new(uri)).look(begin)),
        };
        send(&mut replies, &reply)?;
    }
    Ok(())
}

/// What is asked of libvirt.
struct Question {
    nowait: bool,
    groups: Groups,
    only: Option<Vec<[u8; 16]>>,
    describe_max: usize,
}

struct Worker<'a> {
    uri: &'a str,
    connection: Option<Connection>,
    describer: Describer,
    handles: Handles,
    host: Option<HostLooker>,
}

impl Worker<'_> {
    /// One scrape. A connection that died since the last one (libvirtd was restarted) is replaced and asked once more.
    fn scrape(&mut self, question: &Question) -> Result<Scraped, Error> {
        if let Some(connection) = self.connection.take() {
            match self.read(connection, question) {
                Ok(scraped) => return Ok(scraped),
                Err(error) => tracing::debug!(%error, "connecting to libvirt again"),
            }
        }
        let connection = Connection::open_read_only(self.uri)?;
        self.describer.forget();
        self.handles = Handles::default();
        self.read(connection, question)
    }

    fn read(&mut self, connection: Connection, question: &Question) -> Result<Scraped, Error> {
        let connect = &connection.connect;
        let domains = match &question.only {
            None => stats::read(connect, question.groups, question.nowait)?,
            Some(only) => self.handles.read(connect, only, question.groups, question.nowait)?,
        };
        // An answer about some domains says nothing of the others, and whoever asks about some wants no descriptions.
        let described = match question.describe_max {
            0 => Vec::new(),
            most => self.describer.describe(connect, &domains, clock::mono(), most),
        };
        let scraped = Scraped {
            libvirt_version: connection.libvirt_version.clone(),
            qemu_version: connection.qemu_version.clone(),
            domains,
            described,
        };
        self.connection = Some(connection);
        Ok(scraped)
    }
}
