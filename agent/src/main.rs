//! `evenkeel-agent`: measures this host and its guests. It links no libvirt; `evenkeel-agent-libvirt` does.

use std::process::ExitCode;

fn main() -> ExitCode {
    evenkeel_agent::cli::main()
}
