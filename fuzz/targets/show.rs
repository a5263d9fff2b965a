//! Shows the deployment that a finding of `deployments` or `check` draws, as the text that the targets read too.

use std::io::Write as _;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(target), Some(file)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: show deployments|check FILE");
        return;
    };
    let bytes = std::fs::read(file).expect("the finding can be read");
    let bundle = apim_migrate_fuzz::properties::drawn(&bytes, target == "check");
    std::io::stdout().write_all(&bundle.write()).expect("the text can be shown");
}
