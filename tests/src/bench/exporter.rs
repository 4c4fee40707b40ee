//! The peer: prometheus-libvirt-exporter from Debian, on the same host of the lab.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::lab::{Lab, wait_for};
use crate::programs::Background;

const PROGRAM: &str = "/usr/bin/prometheus-libvirt-exporter";
const GET: &str = "exec 3<>/dev/tcp/127.0.0.1/9177 && printf 'GET /metrics HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && exec cat <&3";

/// A running exporter.
#[derive(Debug)]
pub struct Exporter<'lab> {
    lab: &'lab Lab,
    host: &'lab str,
    program: Background,
}

/// One answer.
#[derive(Clone, Copy, Debug)]
pub struct Scrape {
    /// Values of domains.
    pub values: usize,
    /// Bytes of the body, not compressed.
    pub bytes: usize,
}

impl<'lab> Exporter<'lab> {
    /// Starts it and waits until it answers.
    pub fn start(lab: &'lab Lab, host: &'lab str, log: &Path) -> Result<Self> {
        ensure!(Path::new(PROGRAM).is_file(), "{PROGRAM} is not installed; run packaging/deps bench");
        let mut command = lab.command(host, PROGRAM)?;
        command.arg("--web.listen-address=127.0.0.1:9177");
        let exporter = Self { lab, host, program: Background::start(command, log)? };
        wait_for("the exporter to answer", Duration::from_secs(20), || Ok(exporter.scrape().ok().map(drop)))
            .with_context(|| crate::lab::tail(log))?;
        Ok(exporter)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.program.pid()
    }

    /// Asks once, as Prometheus does.
    pub fn scrape(&self) -> Result<Scrape> {
        let answer = self.lab.exec(self.host, "bash", &["-c", GET])?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the exporter's answer is not HTTP")?;
        ensure!(head.contains(" 200 "), "the exporter answers {head}");
        let values = body.lines().filter(|line| line.starts_with("libvirt_domain")).count();
        ensure!(values > 0, "the exporter knows no domain:\n{body}");
        Ok(Scrape { values, bytes: body.len() })
    }
}
