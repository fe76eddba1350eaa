using System.Globalization;
using System.Security.Cryptography;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.AppHost.Moving;

/// <summary>Copies what stays in files: key files, the stores of services without a server, and the files of exports and imports.</summary>
/// <param name="from">The source folder, whose stores are closed to others and have nothing in their logs.</param>
/// <param name="to">The target folder.</param>
/// <param name="moved">Services whose store does not stay in files.</param>
internal sealed class MigratedFiles(string from, string to, IReadOnlyCollection<string> moved)
{
    /// <summary>Ending of a file that is not whole yet.</summary>
    public const string Incoming = ".incoming";

    private const int BufferSize = 1024 * 1024;

    /// <summary>What belongs to a run of a server and not to its data.</summary>
    private static readonly string[] LeftBehind = [".lock", "-wal", "-shm", Incoming];

    /// <summary>Copies every file, and reads each back.</summary>
    /// <returns>What there is to say of it.</returns>
    /// <exception cref="InvalidDataException">A file is not what was written.</exception>
    public async Task<string> CopyAsync(CancellationToken cancellationToken)
    {
        var (files, bytes) = (0, 0L);
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var every = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        foreach (var source in Directory.EnumerateFiles(from, "*", every).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(from, source);
            if (!IsData(name))
            {
                continue;
            }

            var target = Path.Combine(to, name);
            CreateFolder(Path.GetDirectoryName(source)!, Path.GetDirectoryName(target)!);
            var hash = await CopyAsync(source, target, cancellationToken);
            all.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
            all.AppendData(hash);
            (files, bytes) = (files + 1, bytes + new FileInfo(target).Length);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{files} files, {bytes} bytes, sha256 {Convert.ToHexStringLower(all.GetHashAndReset())}");
    }

    /// <summary>Makes a folder that nobody else may look into.</summary>
    public static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private bool IsData(string name)
    {
        var isOfMoved = moved.Any(service => name == Path.Combine(service, $"{service}.db") || name == Path.Combine(service, $"{service}.keys.db"));
        return !isOfMoved && name is not (KeyFiles.UnfinishedMigration or MigrationJournal.FinishedName) && !LeftBehind.Any(end => name.EndsWith(end, StringComparison.Ordinal));
    }

    /// <summary>A file that is there whole has its own name; one of another content was changed since, and is not written over.</summary>
    private static async Task<byte[]> CopyAsync(string source, string target, CancellationToken cancellationToken)
    {
        var hash = await HashAsync(source, cancellationToken);
        if (!File.Exists(target))
        {
            var temporary = $"{target}{Incoming}";
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                File.Delete(temporary);
                options.UnixCreateMode = File.GetUnixFileMode(source);
            }

            await using (var reading = File.OpenRead(source))
            await using (var writing = new FileStream(temporary, options))
            {
                await reading.CopyToAsync(writing, BufferSize, cancellationToken);
                writing.Flush(flushToDisk: true);
            }

            File.Move(temporary, target);
        }

        var written = await HashAsync(target, cancellationToken);
        return written.SequenceEqual(hash) ? hash : throw new InvalidDataException($"{target} is not what was written.");
    }

    private static async Task<byte[]> HashAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        return await SHA256.HashDataAsync(stream, cancellationToken);
    }

    private static void CreateFolder(string like, string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, File.GetUnixFileMode(like));
        }
    }
}
