//! The tests of the SDK for JavaScript: in Node, and what TypeScript makes of its types.

use crate::call::{Failure, root, run};
use greenroom_build::{Install, tools};

/// Runs them.
pub(crate) fn test() -> Result<(), Failure> {
    let sdk = root().join("sdk/javascript");
    let failed = |error: tools::ToolError| Failure::new(error.to_string());
    let node = || tools::javascript::node().map_err(failed);
    run(node()?.arg("--test").arg("test/").current_dir(&sdk))?;
    let packages = tools::javascript::packages(Install::Missing, &mut |line| println!("{line}")).map_err(failed)?;
    let compiler = packages.join("node_modules/typescript/bin/tsc");
    run(node()?.arg(compiler).arg("--project").arg(sdk.join("types-test")))
}
