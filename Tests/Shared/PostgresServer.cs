using System.Diagnostics;
using System.Globalization;

namespace MemoryMesh.Tests.Shared;

/// <summary>A PostgreSQL server of the tests' own, from Debian's package: a folder and a port of its own, and a user with a password.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "memorymesh";
    private const string Password = "a;pass'word of=tests";
    private const string SystemUser = "postgres";

    private static readonly Lock Gate = new();
    private static Task<PostgresServer>? shared;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("memorymesh-postgres-");
    private readonly string _programs;
    private readonly int _port = TestHost.FreePort();
    private int _databases;
    private Process? _process;

    private PostgresServer(string programs) => _programs = programs;

    /// <summary>Folder of the programs of the newest version that is installed, or null.</summary>
    private static string? Programs => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(folder => File.Exists(Path.Combine(folder, "initdb")))
            .OrderBy(folder => folder.Length).ThenBy(folder => folder, StringComparer.Ordinal).LastOrDefault()
        : null;

    /// <summary>Whether one can be started.</summary>
    public static bool IsInstalled => Programs is not null;

    /// <summary>The folder that holds everything the server keeps.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The one that tests share which do not stop it; it ends with the process of the tests. Skips where PostgreSQL is missing, and fails in CI.</summary>
    public static Task<PostgresServer> SharedAsync()
    {
        lock (Gate)
        {
            return shared ??= StartAsync();
        }
    }

    /// <summary>Stops the shared one.</summary>
    public static async Task StopSharedAsync()
    {
        if (shared is { IsCompletedSuccessfully: true })
        {
            await (await shared).DisposeAsync();
        }

        shared = null;
    }

    /// <summary>Starts one.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        Servers.Require("postgresql", IsInstalled);
        var server = new PostgresServer(Programs!);
        if (Environment.IsPrivilegedProcess)
        {
            // The server refuses to run as root.
            await RunAsync("chown", [SystemUser, server.Folder]);
        }

        var password = Path.Combine(server.Folder, "password");
        await File.WriteAllTextAsync(password, Password);
        File.SetUnixFileMode(password, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await server.RunProgramAsync("initdb", "-D", server.Data, "-U", User, "--pwfile", password, "-A", "scram-sha-256", "--no-sync", "-E", "UTF8", "--locale", "C.UTF-8");
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>Starts it again over the same folder and port, after <see cref="Kill"/>.</summary>
    public async Task StartAgainAsync()
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);

        // Processes are killed here, not machines: what the system has taken is safe.
        _process = StartProgram("postgres", "-D", Data, "-p", port, "-k", Data, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "log_min_messages=fatal");
        await Eventually.TrueAsync(
            async () => (await TryRunProgramAsync("pg_isready", "-h", "127.0.0.1", "-p", port, "-q")) == 0, Eventually.Patience, () => "PostgreSQL did not start.");
    }

    /// <summary>Kills it with all its processes, as a power cut does.</summary>
    public void Kill()
    {
        _process!.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Makes a database.</summary>
    /// <returns>Its connection string, in .NET's form.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await RunSqlAsync("postgres", $"CREATE DATABASE {name}");
        return $"Host=127.0.0.1;Port={_port.ToString(CultureInfo.InvariantCulture)};Database={name};Username={User};Password=\"{Password}\"";
    }

    /// <summary>Runs a shell command as an operator types it, in a folder: the server's programs are found, and <c>DATABASE</c> is an address that they take.</summary>
    /// <param name="database">A connection string of <see cref="CreateDatabaseAsync"/>.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="command">For <c>bash</c>.</param>
    public async Task RunShellAsync(string database, string folder, string command)
    {
        var name = database.Split("Database=")[1].Split(';')[0];
        var start = new ProcessStartInfo("bash", ["-euc", command]) { WorkingDirectory = folder };
        start.Environment["PATH"] = $"{_programs}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["PGPASSWORD"] = Password;
        start.Environment["DATABASE"] = $"postgresql://{User}@127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}/{name}";
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The command ended with {process.ExitCode}.");
        }
    }

    /// <summary>Runs SQL with <c>psql</c>.</summary>
    public Task RunSqlAsync(string database, string sql)
        => RunProgramAsync("psql", "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-U", User, "-d", database, "-q", "-v", "ON_ERROR_STOP=1", "-c", sql);

    /// <summary>Everything of the databases that is on disk.</summary>
    public async Task<byte[]> ReadAllAsync()
    {
        await RunSqlAsync("postgres", "CHECKPOINT");
        return
        [
            .. ((string[])["base", "pg_wal"]).SelectMany(part => Directory.EnumerateFiles(Path.Combine(Data, part), "*", SearchOption.AllDirectories)).SelectMany(File.ReadAllBytes),
        ];
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            Kill();
        }

        _folder.Delete(recursive: true);
        return default;
    }

    private string Data => Path.Combine(Folder, "data");

    private async Task RunProgramAsync(string program, params string[] arguments)
    {
        if (await TryRunProgramAsync(program, arguments) is not 0 and var code)
        {
            throw new InvalidOperationException($"{program} ended with {code}.");
        }
    }

    private async Task<int> TryRunProgramAsync(string program, params string[] arguments)
    {
        using var process = StartProgram(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private Process StartProgram(string program, params string[] arguments)
    {
        var path = Path.Combine(_programs, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid", SystemUser, "--regid", SystemUser, "--clear-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.WorkingDirectory = Folder;
        start.Environment["PGPASSWORD"] = Password;
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync();
    }
}
