//! The tree: reads the files that tidy looks at. The only part of tidy that touches the disk.

use super::File;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// Folders that hold no files of the project, where git cannot say which are tracked.
const SKIP: &[&str] = &[".git", ".saldo", "target", "node_modules"];

/// A file beyond this is data, not text that a rule looks at.
const BYTES_MAX: u64 = 4 << 20;

/// All files of the project under `root`: tracked ones, and new ones that are not ignored.
pub fn read(root: &Path) -> io::Result<Vec<File>> {
    let mut paths = match tracked(root) {
        Some(paths) => paths,
        None => walk(root)?,
    };
    paths.sort();
    paths.dedup();
    let mut files = Vec::new();
    for path in paths {
        let full = root.join(&path);
        // Tracked but deleted, or a link to nothing: there is nothing to read.
        let Ok(meta) = fs::metadata(&full) else { continue };
        if meta.is_file() && meta.len() <= BYTES_MAX {
            let text = String::from_utf8_lossy(&fs::read(&full)?).into_owned();
            files.push(File { path, text });
        }
    }
    Ok(files)
}

/// What git tracks or would track; none where there is no git or no repository.
fn tracked(root: &Path) -> Option<Vec<String>> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let output = Command::new("git").args(list).current_dir(root).output().ok()?;
    let text =
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned());
    let paths = text?.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    Some(paths)
}

/// Every file under `root`, for a copy without its repository.
fn walk(root: &Path) -> io::Result<Vec<String>> {
    let (mut found, mut open) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_symlink() || SKIP.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                open.push(path);
            } else if let Ok(inside) = path.strip_prefix(root) {
                found.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}
