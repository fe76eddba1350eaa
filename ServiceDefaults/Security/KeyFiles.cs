using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace MemoryMesh.ServiceDefaults.Security;

/// <summary>Finds the root keys: from the configuration, else from files in <c>{data}/keys</c>, which are created over an empty data folder only.</summary>
public static class KeyFiles
{
    /// <summary>File of a data folder that an installation is being copied to: until it is gone, the folder holds half of one.</summary>
    public const string UnfinishedMigration = "migration.unfinished.json";

    private const int KeySize = 32;
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Loads the keys, or creates them when the data folder holds no data.</summary>
    /// <exception cref="StartupException">
    /// A key is malformed, or its file is missing over existing data or can be read by others; or the folder cannot be written, or holds an unfinished migration.
    /// </exception>
    public static KeyRing Load(IConfiguration configuration, string dataDirectory)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            return LoadKeys(configuration, dataDirectory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"The data folder {Path.GetFullPath(dataDirectory)} cannot be used ({exception.Message}): give one that can be written with --data or MEMORY_DATA_DIR.", exception);
        }
    }

    /// <summary>Loads the keys of an installation for a process that keeps nothing: none is made.</summary>
    /// <exception cref="StartupException">A key is missing, is malformed, or its file can be read by others.</exception>
    public static KeyRing LoadExisting(IConfiguration configuration, string dataDirectory)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        try
        {
            return new KeyRing(Find("ENCRYPTION_KEY", "encryption.key"), Find("MEMORY_INDEX_KEY", "index.key"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The keys in {Path.GetFullPath(dataDirectory)} cannot be read ({exception.Message}).", exception);
        }

        byte[] Find(string name, string file)
        {
            var path = Path.Combine(dataDirectory, "keys", file);
            return configuration[name] is { Length: > 0 } || File.Exists(path)
                ? LoadKey(configuration, name, path, hasData: true)
                : throw new StartupException($"{name} is not set: a process that keeps nothing is given the keys of the installation that it works for.");
        }
    }

    private static KeyRing LoadKeys(IConfiguration configuration, string dataDirectory)
    {
        if (File.Exists(Path.Combine(dataDirectory, UnfinishedMigration)))
        {
            throw new StartupException($"{dataDirectory} holds an unfinished migration: run `migrate` again as it was begun, or give another folder.");
        }

        var hasData = Directory.Exists(dataDirectory)
            && Directory.EnumerateFiles(dataDirectory, "*.db", SearchOption.AllDirectories).Any();
        CreatePrivateFolder(dataDirectory);
        return new KeyRing(
            LoadKey(configuration, "ENCRYPTION_KEY", Path.Combine(dataDirectory, "keys", "encryption.key"), hasData),
            LoadKey(configuration, "MEMORY_INDEX_KEY", Path.Combine(dataDirectory, "keys", "index.key"), hasData));
    }

    private static byte[] LoadKey(IConfiguration configuration, string name, string path, bool hasData)
    {
        if (configuration[name] is { Length: > 0 } configured)
        {
            return Parse(configured) ?? throw new StartupException(
                $"{name} is not a key: give 32 random bytes as 64 hex digits or as base64, for example from `openssl rand -hex 32`. A pass phrase has too little entropy.");
        }

        if (File.Exists(path))
        {
            return Read(path);
        }

        if (hasData)
        {
            throw new StartupException(
                $"The key file {path} is missing, but the data folder holds data that needs it. Put the file back, or set {name}. No new key is made over existing data.");
        }

        return Create(path);
    }

    private static byte[] Read(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            var open = File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            if (open != UnixFileMode.None)
            {
                throw new StartupException($"The key file {path} is open to others ({open}): run `chmod 600 {path}`.");
            }
        }

        return Parse(File.ReadAllText(path).Trim()) ?? throw new StartupException($"The key file {path} does not hold 32 bytes as hex or base64.");
    }

    private static byte[] Create(string path)
    {
        CreatePrivateFolder(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // A finished file is moved into place, so that of two processes that start together both end with the same key.
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeySize))));
                stream.Flush(flushToDisk: true);
            }

            // File.Move looks for the target and then renames, in two steps: without the lock two processes could both find it free.
            using (WaitForTurn($"{path}.lock"))
            {
                if (!File.Exists(path))
                {
                    File.Move(temporary, path, overwrite: false);
                }
            }
        }
        finally
        {
            File.Delete(temporary);
        }

        return Read(path);
    }

    /// <summary>Holds a lock between processes until it is disposed. The system frees it when a process dies; the empty file stays.</summary>
    private static FileStream WaitForTurn(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (File.Exists(path) && Stopwatch.GetElapsedTime(started) < LockTimeout)
            {
                Thread.Sleep(5);
            }
        }
    }

    private static void CreatePrivateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            // An existing folder keeps the mode its owner gave it.
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static byte[]? Parse(string text)
    {
        if (text.Length == KeySize * 2 && text.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(text);
        }

        var buffer = new byte[KeySize + 1];
        return text.Length is 43 or 44
            && Convert.TryFromBase64String(text.PadRight(44, '='), buffer, out var written)
            && written == KeySize
            ? buffer[..KeySize]
            : null;
    }
}

/// <summary>The program cannot start; the message says why and what to do. The host prints it and ends with exit code 2.</summary>
public sealed class StartupException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StartupException()
    {
    }

    /// <summary>Creates the exception.</summary>
    public StartupException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public StartupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
