//! `verify`: written files before the product that they are for.

use super::args::VerifyArgs;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::verify::Product;

pub fn run(args: &VerifyArgs, terminal: Terminal) -> Exit {
    for product in &args.product {
        if let Err(error) = Product::open(&product.home, product.profile) {
            terminal.error(error);
            return Exit::Failed;
        }
    }
    terminal.error("not yet");
    Exit::Failed
}
