using MemoryMesh.ServiceDefaults.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>The embedded store of one service: its file, and the data keys its rows are encrypted with, in a file of their own.</summary>
public sealed class ModuleDatabase : ModuleStore
{
    private readonly FileStream _lock;
    private readonly SqliteDatabase _keyDatabase;

    /// <summary>Opens both files in <c>{data}/{name}/</c>, which nobody else may have open.</summary>
    /// <exception cref="StartupException">Another process has them open, or other root keys belong to them.</exception>
    public ModuleDatabase(string name, IReadOnlyList<Migration> migrations, string dataDirectory, KeyRing keyRing, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        Name = name;
        var folder = Path.Combine(dataDirectory, name);
        CopiesFolder = Path.Combine(folder, "copies");
        var logger = loggers.CreateLogger($"MemoryMesh.Storage.{name}");
        _lock = Lock(folder, name);

        // At the same time: a new file mostly waits for the disk.
        var keys = Task.Factory.StartNew(
            () => SqliteDatabase.Open(Path.Combine(folder, $"{name}.keys.db"), DataKeyStore.Migrations, logger),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        Data = SqliteDatabase.Open(Path.Combine(folder, $"{name}.db"), [.. MessagingMigrations, .. migrations], logger);
        _keyDatabase = keys.GetAwaiter().GetResult();
        Keys = new DataKeyStore(_keyDatabase, keyRing);
    }

    /// <summary>Name of the service, lower case.</summary>
    public override string Name { get; }

    /// <summary>The rows.</summary>
    public override SqliteDatabase Data { get; }

    /// <summary>The data keys of the rows.</summary>
    public override DataKeyStore Keys { get; }

    internal override StoreDatabase KeyRows => _keyDatabase;

    /// <summary>Where a service may keep sealed copies of rows in a form that is faster to read. It may not be there, and what is missing in it is made again.</summary>
    public string CopiesFolder { get; }

    /// <summary>Tables that every module's file has beside its own: outbox, positions of consumers, parked events, idempotency keys.</summary>
    public static IReadOnlyList<Migration> MessagingMigrations { get; } =
        Migration.FromResources(typeof(ModuleDatabase).Assembly, "MemoryMesh.ServiceDefaults.Migrations.");

    /// <inheritdoc/>
    public override async Task<long> MeasureAsync(CancellationToken cancellationToken)
        => await Data.MeasureAsync(cancellationToken)
            + await _keyDatabase.MeasureAsync(cancellationToken)
            + (Directory.Exists(CopiesFolder) ? new DirectoryInfo(CopiesFolder).EnumerateFiles().Sum(file => file is { Exists: true } ? file.Length : 0) : 0);

    /// <summary>Has everything that was written stand in the two files themselves, which can be copied while nothing is written.</summary>
    /// <exception cref="TimeoutException">Readers held a log for longer than <paramref name="timeout"/>.</exception>
    public Task SettleAsync(TimeSpan timeout, CancellationToken cancellationToken)
        => Task.WhenAll(Data.ScrubAsync(timeout, cancellationToken), _keyDatabase.ScrubAsync(timeout, cancellationToken));

    /// <inheritdoc/>
    public override async Task ReleaseMemoryAsync(CancellationToken cancellationToken)
    {
        await base.ReleaseMemoryAsync(cancellationToken);
        await _keyDatabase.ReleaseMemoryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await Data.DisposeAsync();
        Keys.Dispose();
        await _keyDatabase.DisposeAsync();
        await _lock.DisposeAsync();
    }

    /// <summary>Two writers could lose pages of the files, and would deliver every event twice. The system frees the lock when a process dies; the empty file stays.</summary>
    private static FileStream Lock(string folder, string name)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{name}.lock");

        // Where the system can, a byte is locked and not the file, so that whoever copies or searches the folder may read it.
        var ofByte = OperatingSystem.IsLinux() || OperatingSystem.IsWindows();
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, ofByte ? FileShare.ReadWrite : FileShare.None);
            if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
            {
                file.Lock(0, 1);
            }

            return file;
        }
        catch (IOException) when (File.Exists(path))
        {
            file?.Dispose();
            throw new StartupException($"Another process has the data in {Path.GetFullPath(folder)} open: stop it, or give this one a data folder of its own with --data.");
        }
    }
}

/// <summary>Settings of the embedded stores, section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Storage";

    /// <summary>Folder that everything is kept in. Default <c>./data</c>. Also <c>MEMORY_DATA_DIR</c> and <c>--data</c>.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>
    /// <c>embedded</c> says that the embedded stores are meant, whatever addresses of other stores are in the environment for other programs. Not set by
    /// default: an address that asks for a store which this build does not have then stops the start, or is warned of when no data would be kept there.
    /// </summary>
    public string? Engine { get; set; }
}
