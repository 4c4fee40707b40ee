//! `tests/lab`: makes, shows and removes a lab (see `evenkeel_tests::lab`).

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use evenkeel_tests::lab::{Accel, GuestSpec, Lab, LabOptions, Status, default_dir};

/// A lab on one machine: real libvirt hosts and real guests, in namespaces of their own.
#[derive(Parser)]
#[command(name = "tests/lab", bin_name = "tests/lab", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Make a lab and wait until its guests answer; exits 0 if it is up already.
    Up {
        #[command(flatten)]
        which: Which,
        /// 1 (hosta) or 2 (hosta, hostb).
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
        hosts: u8,
        /// Guests g1, g2, …, spread over the hosts.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(0..=89))]
        guests: u8,
        /// KVM, emulation, or whichever a probe finds to work.
        #[arg(long, value_enum, default_value_t = AccelArg::Auto)]
        accel: AccelArg,
    },
    /// End everything that the lab started and remove its folder; also after a killed `up`.
    Down {
        #[command(flatten)]
        which: Which,
    },
    /// Show hosts and guests; exits 1 if the lab is not up.
    Status {
        #[command(flatten)]
        which: Which,
        /// How to print it.
        #[arg(long, value_enum, default_value_t = OutputArg::Table)]
        output: OutputArg,
    },
    /// Run a program inside a host's (or ctl's) namespaces, with `/` as its working directory.
    Exec {
        #[command(flatten)]
        which: Which,
        /// hosta, hostb or ctl.
        node: String,
        /// The program and its arguments, after `--`.
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
}

#[derive(clap::Args)]
struct Which {
    /// Name of the lab; labs of different names live side by side.
    #[arg(long, default_value = "default")]
    name: String,
    /// Folder of the lab [default: $TMPDIR/evenkeel-lab-NAME]
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl Which {
    fn folder(&self) -> PathBuf {
        self.dir.clone().unwrap_or_else(|| default_dir(&self.name))
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum AccelArg {
    Auto,
    Kvm,
    Tcg,
}

#[derive(Clone, Copy, ValueEnum)]
enum OutputArg {
    Table,
    Json,
}

fn main() -> ExitCode {
    run(Cli::parse().verb).unwrap_or_else(|error| {
        // Nothing is left to do if stderr is closed.
        let _ = writeln!(std::io::stderr(), "tests/lab: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(verb: Verb) -> Result<ExitCode> {
    match verb {
        Verb::Up { which, hosts, guests, accel } => up(&which, hosts, guests, accel),
        Verb::Down { which } => Lab::remove(&which.folder()).map(|()| ExitCode::SUCCESS),
        Verb::Status { which, output } => status(&which, output),
        Verb::Exec { which, node, command } => exec(&which, &node, &command),
    }
}

fn up(which: &Which, hosts: u8, guests: u8, accel: AccelArg) -> Result<ExitCode> {
    let mut stderr = std::io::stderr();
    if Lab::open(&which.folder())?.is_some() {
        writeln!(stderr, "lab {} is already up in {}", which.name, which.folder().display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut options = LabOptions::new(&which.name, usize::from(hosts));
    options.dir.clone_from(&which.dir);
    options.verbose = true;
    options.accel = match accel {
        AccelArg::Auto => Accel::Auto,
        AccelArg::Kvm => Accel::Kvm,
        AccelArg::Tcg => Accel::Tcg,
    };
    for number in 1..=guests {
        // hosta has the first and every other guest, so that there is always one to migrate away from it.
        let host = if hosts == 2 && number % 2 == 0 { "hostb" } else { "hosta" };
        options = options.guest(GuestSpec::new(&format!("g{number}"), host));
    }
    let lab = Lab::up(&options)?;
    print(&lab.status()?, OutputArg::Table)?;
    lab.keep()?;
    Ok(ExitCode::SUCCESS)
}

fn status(which: &Which, output: OutputArg) -> Result<ExitCode> {
    let Some(lab) = Lab::open(&which.folder())? else {
        writeln!(std::io::stderr(), "lab {} is not up (folder {})", which.name, which.folder().display())?;
        return Ok(ExitCode::FAILURE);
    };
    print(&lab.status()?, output)?;
    Ok(ExitCode::SUCCESS)
}

fn exec(which: &Which, node: &str, command: &[String]) -> Result<ExitCode> {
    let lab = Lab::open(&which.folder())?.with_context(|| format!("lab {} is not up", which.name))?;
    let (program, args) = command.split_first().context("a program is needed after --")?;
    let status = lab.command(node, program)?.args(args).status().with_context(|| format!("cannot run {program}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn print(status: &Status, output: OutputArg) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if matches!(output, OutputArg::Json) {
        writeln!(out, "{}", serde_json::to_string_pretty(status)?)?;
        return Ok(());
    }
    writeln!(out, "lab {} in {}, domain type {}", status.name, status.dir, status.domain_type)?;
    for host in &status.hosts {
        let libvirtd = if host.libvirtd { "libvirtd answers" } else { "libvirtd does not answer" };
        writeln!(out, "{:8} {:12} {libvirtd}  {}", host.name, host.address, host.uri)?;
    }
    for guest in &status.guests {
        let place = guest.host.as_deref().unwrap_or("-");
        let http = if guest.http { "HTTP answers" } else { "HTTP does not answer" };
        writeln!(out, "{:8} {:12} {:10} on {place:6} {http}  {}", guest.name, guest.address, guest.state, guest.uuid)?;
    }
    Ok(())
}
