//! `wasi:filesystem/types`: wasmtime's, with what is denied told, nothing changed by code that is not the actor, and only
//! files and folders opened: a pipe or a device may keep a turn from ever ending.
//!
//! The machine's disk is waited for in place.

use super::denied::Why;
use crate::guest::Guest;
use greenroom_core::Grant;
use wasmtime::component::Resource;
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemCtxView, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::filesystem::types::{self as asynchronous, ErrorCode};
use wasmtime_wasi::p2::bindings::sync::filesystem::types::{
    self, Advice, DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream, Filesize,
    MetadataHashValue, NewTimestamp, OpenFlags, PathFlags,
};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, FsError, FsResult, IoError};

type File = Resource<Descriptor>;

/// What a call does to what it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Looks whether it is there, and what it is.
    Looks,
    /// Reads it.
    Reads,
    /// Changes it.
    Changes,
}

impl Guest {
    /// Does something with files.
    fn files<T>(&mut self, work: impl AsyncFnOnce(&mut WasiFilesystemCtxView<'_>) -> FsResult<T>) -> FsResult<T> {
        let done = self.wait(None, async |wasi| {
            let mut files = WasiFilesystemCtxView { ctx: wasi.ctx.filesystem(), table: wasi.table };
            work(&mut files).await
        });
        done.map_err(FsError::trap)?
    }

    /// Does something with what a path names, if it may; and tells of it if it may not.
    fn path<T>(
        &mut self,
        function: &str,
        folder: &File,
        path: &str,
        does: Use,
        work: impl AsyncFnOnce(&mut WasiFilesystemCtxView<'_>) -> FsResult<T>,
    ) -> FsResult<T> {
        if self.wasi().folders.of(folder.rep()).is_some_and(|open| !open.is_given) {
            self.deny(function, folder, path, does);
            return Err(match does {
                Use::Looks => ErrorCode::NoEntry,
                Use::Reads | Use::Changes => ErrorCode::NotPermitted,
            }
            .into());
        }
        if does == Use::Changes && !self.acts() {
            let what = self.called(folder, path);
            self.wasi().denied.tell(&named(function), &what, &Why::Beside);
            return Err(ErrorCode::NotPermitted.into());
        }
        let done = self.files(work);
        if let Err(error) = &done
            && error.downcast_ref() == Some(&ErrorCode::NotPermitted)
        {
            self.deny(function, folder, path, does);
        }
        done
    }

    /// Tells that it was denied a path.
    fn deny(&mut self, function: &str, folder: &File, path: &str, does: Use) {
        let what = self.called(folder, path);
        let within = match what.rsplit_once('/') {
            Some(("", _)) | None => "/",
            Some((within, _)) => within,
        };
        // One beside the manifest is named as the manifest has it.
        let beside = self.grants.iter().any(|grant| match grant {
            Grant::Files(folder) | Grant::FilesWrite(folder) => {
                !folder.as_str().starts_with('/') && is_in(within, &folder.inside())
            }
            _ => false,
        });
        let Ok(within) = (if beside { &within[1..] } else { within }).parse() else { return };
        let grant = match does {
            Use::Changes => Grant::FilesWrite(within),
            Use::Looks | Use::Reads => Grant::Files(within),
        };
        let why = match self.grants.iter().any(|granted| granted.covers(&grant)) {
            // By its name it may: the name leads elsewhere.
            true => Why::Never("it leads out of the folder that is granted"),
            false => Why::Grant(grant.to_string()),
        };
        let denied = self.wasi().denied.clone();
        match does {
            Use::Looks => denied.tell_of_a_look(&named(function), &what, &why),
            Use::Reads | Use::Changes => denied.tell(&named(function), &what, &why),
        }
    }

    /// The absolute path of what a folder has by this name, as far as names say.
    fn called(&mut self, folder: &File, path: &str) -> String {
        let folders = &self.wasi().folders;
        let base = folders.of(folder.rep()).map_or("/", |open| open.path.as_str());
        let mut steps: Vec<&str> = base.split('/').filter(|step| !step.is_empty()).collect();
        for step in path.split('/') {
            match step {
                "" | "." => {}
                ".." => _ = steps.pop(),
                step => steps.push(step),
            }
        }
        format!("/{}", steps.join("/"))
    }

    /// Refuses what is neither a file nor a folder: opening it may already wait for somebody else.
    fn is_file(&mut self, folder: &File, flags: PathFlags, path: &str) -> FsResult<()> {
        let (handle, name) = (borrowed(folder), path.to_owned());
        let stat =
            self.files(async |files| asynchronous::HostDescriptor::stat_at(files, handle, flags.into(), name).await);
        match stat.map(|stat| DescriptorStat::from(stat).type_) {
            // What else is wrong is said by who opens it.
            Ok(DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink) | Err(_) => {
                Ok(())
            }
            Ok(_) => {
                let what = self.called(folder, path);
                let why = Why::Never("only files and folders are opened, no devices and no pipes");
                self.wasi().denied.tell(&named("open-at"), &what, &why);
                Err(ErrorCode::NotPermitted.into())
            }
        }
    }
}

/// Whether a path is this folder's, or leads into it.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn named(function: &str) -> String {
    format!("wasi:filesystem/types#{function}")
}

fn borrowed(file: &File) -> File {
    Resource::new_borrow(file.rep())
}

impl types::Host for Guest {
    fn convert_error_code(&mut self, error: FsError) -> wasmtime::Result<types::ErrorCode> {
        Ok(asynchronous::Host::convert_error_code(&mut self.filesystem(), error)?.into())
    }

    fn filesystem_error_code(&mut self, error: Resource<IoError>) -> wasmtime::Result<Option<types::ErrorCode>> {
        Ok(asynchronous::Host::filesystem_error_code(&mut self.filesystem(), error)?.map(Into::into))
    }
}

impl types::HostDescriptor for Guest {
    fn open_at(
        &mut self,
        folder: File,
        flags: PathFlags,
        path: String,
        how: OpenFlags,
        mode: DescriptorFlags,
    ) -> FsResult<File> {
        let changes = how.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE) || mode.contains(DescriptorFlags::WRITE);
        let does = if changes { Use::Changes } else { Use::Reads };
        if self.wasi().folders.of(folder.rep()).is_some_and(|open| open.is_given) {
            self.is_file(&folder, flags, &path)?;
        }
        let (handle, name) = (borrowed(&folder), path.clone());
        let opened = self.path("open-at", &folder, &path, does, async |files| {
            asynchronous::HostDescriptor::open_at(files, handle, flags.into(), name, how.into(), mode.into()).await
        })?;
        let inside = self.called(&folder, &path);
        let wasi = self.wasi();
        if let Ok(Descriptor::Dir(_)) = wasi.table.get(&opened) {
            wasi.folders.opened(opened.rep(), inside);
        }
        Ok(opened)
    }

    fn drop(&mut self, file: File) -> wasmtime::Result<()> {
        self.wasi().folders.closed(file.rep());
        asynchronous::HostDescriptor::drop(&mut self.filesystem(), file)
    }

    fn stat_at(&mut self, folder: File, flags: PathFlags, path: String) -> FsResult<DescriptorStat> {
        let (handle, name) = (borrowed(&folder), path.clone());
        let stat = self.path("stat-at", &folder, &path, Use::Looks, async |files| {
            asynchronous::HostDescriptor::stat_at(files, handle, flags.into(), name).await
        });
        Ok(stat?.into())
    }

    fn metadata_hash_at(&mut self, folder: File, flags: PathFlags, path: String) -> FsResult<MetadataHashValue> {
        let (handle, name) = (borrowed(&folder), path.clone());
        let hash = self.path("metadata-hash-at", &folder, &path, Use::Looks, async |files| {
            asynchronous::HostDescriptor::metadata_hash_at(files, handle, flags.into(), name).await
        });
        Ok(hash?.into())
    }

    fn readlink_at(&mut self, folder: File, path: String) -> FsResult<String> {
        let (handle, name) = (borrowed(&folder), path.clone());
        self.path("readlink-at", &folder, &path, Use::Looks, async |files| {
            asynchronous::HostDescriptor::readlink_at(files, handle, name).await
        })
    }

    fn create_directory_at(&mut self, folder: File, path: String) -> FsResult<()> {
        let (handle, name) = (borrowed(&folder), path.clone());
        self.path("create-directory-at", &folder, &path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::create_directory_at(files, handle, name).await
        })
    }

    fn remove_directory_at(&mut self, folder: File, path: String) -> FsResult<()> {
        let (handle, name) = (borrowed(&folder), path.clone());
        self.path("remove-directory-at", &folder, &path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::remove_directory_at(files, handle, name).await
        })
    }

    fn unlink_file_at(&mut self, folder: File, path: String) -> FsResult<()> {
        let (handle, name) = (borrowed(&folder), path.clone());
        self.path("unlink-file-at", &folder, &path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::unlink_file_at(files, handle, name).await
        })
    }

    fn symlink_at(&mut self, folder: File, target: String, path: String) -> FsResult<()> {
        let (handle, name) = (borrowed(&folder), path.clone());
        self.path("symlink-at", &folder, &path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::symlink_at(files, handle, target, name).await
        })
    }

    fn link_at(
        &mut self,
        folder: File,
        flags: PathFlags,
        path: String,
        new_folder: File,
        new_path: String,
    ) -> FsResult<()> {
        let (handle, new_handle, name) = (borrowed(&folder), borrowed(&new_folder), new_path.clone());
        self.path("link-at", &new_folder, &new_path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::link_at(files, handle, flags.into(), path, new_handle, name).await
        })
    }

    fn rename_at(&mut self, folder: File, path: String, new_folder: File, new_path: String) -> FsResult<()> {
        let (handle, new_handle, name) = (borrowed(&folder), borrowed(&new_folder), new_path.clone());
        self.path("rename-at", &new_folder, &new_path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::rename_at(files, handle, path, new_handle, name).await
        })
    }

    fn set_times_at(
        &mut self,
        folder: File,
        flags: PathFlags,
        path: String,
        accessed: NewTimestamp,
        modified: NewTimestamp,
    ) -> FsResult<()> {
        let (handle, name) = (borrowed(&folder), path.clone());
        self.path("set-times-at", &folder, &path, Use::Changes, async |files| {
            asynchronous::HostDescriptor::set_times_at(
                files,
                handle,
                flags.into(),
                name,
                accessed.into(),
                modified.into(),
            )
            .await
        })
    }

    // What follows is of files that are open: whether they may be changed was decided when they were opened.

    fn set_times(&mut self, file: File, accessed: NewTimestamp, modified: NewTimestamp) -> FsResult<()> {
        if !self.acts() {
            return Err(ErrorCode::NotPermitted.into());
        }
        self.files(async |files| {
            asynchronous::HostDescriptor::set_times(files, file, accessed.into(), modified.into()).await
        })
    }

    fn set_size(&mut self, file: File, size: Filesize) -> FsResult<()> {
        if !self.acts() {
            return Err(ErrorCode::NotPermitted.into());
        }
        self.files(async |files| asynchronous::HostDescriptor::set_size(files, file, size).await)
    }

    fn advise(&mut self, file: File, offset: Filesize, length: Filesize, advice: Advice) -> FsResult<()> {
        self.files(async |files| asynchronous::HostDescriptor::advise(files, file, offset, length, advice.into()).await)
    }

    fn sync_data(&mut self, file: File) -> FsResult<()> {
        self.files(async |files| asynchronous::HostDescriptor::sync_data(files, file).await)
    }

    fn sync(&mut self, file: File) -> FsResult<()> {
        self.files(async |files| asynchronous::HostDescriptor::sync(files, file).await)
    }

    fn get_flags(&mut self, file: File) -> FsResult<DescriptorFlags> {
        Ok(self.files(async |files| asynchronous::HostDescriptor::get_flags(files, file).await)?.into())
    }

    fn get_type(&mut self, file: File) -> FsResult<DescriptorType> {
        Ok(self.files(async |files| asynchronous::HostDescriptor::get_type(files, file).await)?.into())
    }

    fn read(&mut self, file: File, length: Filesize, offset: Filesize) -> FsResult<(Vec<u8>, bool)> {
        self.files(async |files| asynchronous::HostDescriptor::read(files, file, length, offset).await)
    }

    fn write(&mut self, file: File, bytes: Vec<u8>, offset: Filesize) -> FsResult<Filesize> {
        self.files(async |files| asynchronous::HostDescriptor::write(files, file, bytes, offset).await)
    }

    fn read_directory(&mut self, folder: File) -> FsResult<Resource<DirectoryEntryStream>> {
        self.files(async |files| asynchronous::HostDescriptor::read_directory(files, folder).await)
    }

    fn stat(&mut self, file: File) -> FsResult<DescriptorStat> {
        Ok(self.files(async |files| asynchronous::HostDescriptor::stat(files, file).await)?.into())
    }

    fn read_via_stream(&mut self, file: File, offset: Filesize) -> FsResult<Resource<DynInputStream>> {
        asynchronous::HostDescriptor::read_via_stream(&mut self.filesystem(), file, offset)
    }

    fn write_via_stream(&mut self, file: File, offset: Filesize) -> FsResult<Resource<DynOutputStream>> {
        asynchronous::HostDescriptor::write_via_stream(&mut self.filesystem(), file, offset)
    }

    fn append_via_stream(&mut self, file: File) -> FsResult<Resource<DynOutputStream>> {
        asynchronous::HostDescriptor::append_via_stream(&mut self.filesystem(), file)
    }

    fn is_same_object(&mut self, one: File, other: File) -> wasmtime::Result<bool> {
        self.wait(None, async |wasi| {
            let mut files = WasiFilesystemCtxView { ctx: wasi.ctx.filesystem(), table: wasi.table };
            asynchronous::HostDescriptor::is_same_object(&mut files, one, other).await
        })?
    }

    fn metadata_hash(&mut self, file: File) -> FsResult<MetadataHashValue> {
        Ok(self.files(async |files| asynchronous::HostDescriptor::metadata_hash(files, file).await)?.into())
    }
}

impl types::HostDirectoryEntryStream for Guest {
    fn read_directory_entry(&mut self, stream: Resource<DirectoryEntryStream>) -> FsResult<Option<DirectoryEntry>> {
        Ok(self
            .files(async |files| asynchronous::HostDirectoryEntryStream::read_directory_entry(files, stream).await)?
            .map(Into::into))
    }

    fn drop(&mut self, stream: Resource<DirectoryEntryStream>) -> wasmtime::Result<()> {
        asynchronous::HostDirectoryEntryStream::drop(&mut self.filesystem(), stream)
    }
}
