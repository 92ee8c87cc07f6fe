//! The command: arguments in, findings out. Everything that decides anything is in the library.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
