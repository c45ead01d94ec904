//! The contract with components: one folder per version that was ever published. A component is linked against the
//! version that it imports; versions stand side by side.

pub(crate) mod v0_1;

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Each published version has its folder here, by its first two numbers: the third changes no type.
    #[test]
    fn each_published_version_is_served() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut versions = 0;
        for file in std::fs::read_dir(here.join("../../wit/frozen")).expect("versions are kept there") {
            let path = file.expect("a file").path();
            let version = path.file_stem().and_then(|name| name.to_str()).expect("a version").to_owned();
            let (main, _) = version.rsplit_once('.').expect("three numbers");
            let folder = here.join("src/contract").join(format!("v{}", main.replace('.', "_")));
            assert!(folder.join("mod.rs").is_file(), "nothing serves greenroom:actor@{version}: {}", folder.display());
            versions += 1;
        }
        assert!(versions > 0, "none is kept");
    }
}
