using System.Globalization;
using System.Runtime.InteropServices;
using MemoryMesh.Chat;
using MemoryMesh.Memory;
using MemoryMesh.Search;
using MemoryMesh.ServiceDefaults.Configuration;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using MemoryMesh.ServiceDefaults.Storage.Moving;

namespace MemoryMesh.AppHost.Moving;

/// <summary>Copies an installation to other stores: from files to servers, or back. The source stays as it is.</summary>
/// <remarks>
/// Each step is done whole or not at all, or goes on where it ended, and compares what it wrote with what it read; the journal in the target folder knows which are done. Until the last one no
/// server starts on the target folder.
/// </remarks>
internal sealed class MigrateCommand
{
    /// <summary>Name on the command line.</summary>
    public const string Name = "migrate";

    private readonly MigrateArguments _arguments;
    private readonly TextWriter _report;

    /// <param name="arguments">What is asked for.</param>
    /// <param name="report">Takes a line for each step. No line holds a secret.</param>
    public MigrateCommand(MigrateArguments arguments, TextWriter report) => (_arguments, _report) = (arguments, report);

    private InstallationPlace From => _arguments.From;

    private InstallationPlace To => _arguments.To;

    /// <summary>Services whose documents move, with what people call these.</summary>
    private IEnumerable<(string Service, string Documents)> MovedDocuments
        => ((IEnumerable<(string Service, string Documents)>)[(ChatModule.Name, "conversations"), (MemoryModule.Name, "memories")])
            .Where(item => From.IsInMongo(item.Service) != To.IsInMongo(item.Service));

    /// <summary>Does what the command line asks for.</summary>
    /// <returns>The exit code: 0; 1 when it was ended or what was written is not what was read; 2 when it cannot be done as asked.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        using var stopping = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }

        try
        {
            var command = new MigrateCommand(MigrateArguments.Parse(arguments, Environment.GetEnvironmentVariable), Console.Out);
            var configuration = new ConfigurationBuilder().AddEnvironmentVariables().Build();
            await command.RunAsync(configuration, stopping.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Ended. The same command goes on with it.");
            return 1;
        }
        catch (Exception exception) when (exception is StartupException or StorageUnavailableException)
        {
            await Console.Error.WriteLineAsync($"MemoryMesh cannot migrate: {exception.Message}");
            return CommandLine.ErrorCode;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"The migration stopped: {exception.Message} Nothing of the source was changed; the same command goes on with it.");
            return 1;
        }
    }

    /// <summary>Copies everything, or what an earlier run has not.</summary>
    /// <param name="configuration">Has the root keys, where they are in no files.</param>
    /// <param name="cancellationToken">Ends it between two steps or batches; the same call goes on with it.</param>
    /// <exception cref="StartupException">It cannot be done as asked; the message says why.</exception>
    /// <exception cref="StorageUnavailableException">A store cannot be used now.</exception>
    /// <exception cref="InvalidDataException">What was written is not what was read.</exception>
    public async Task RunAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        Check();
        var ring = KeyFiles.Load(configuration, From.Folder!);
        await _report.WriteLineAsync($"From {From.Describe()}\nTo   {To.Describe()}");
        await using var from = new Installation(From, ring);
        await from.CloseToOthersAsync(cancellationToken);
        foreach (var (service, _) in MovedDocuments)
        {
            await from.MoveOf(service).CheckAsync(cancellationToken);
        }

        var journal = MigrationJournal.Open(To.Folder!, $"{From.Fingerprint()}-{To.Fingerprint()}");
        await using (var to = new Installation(To, ring))
        {
            await RunAsync(Steps(from, to, journal), journal, cancellationToken);
        }

        journal.Finish();
        await _report.WriteLineAsync(
            $"Done. Start the server with --data {To.Folder}{string.Concat(To.Names.Select(name => $" and ConnectionStrings__{name}"))}{(Directory.Exists(Path.Combine(To.Folder!, "keys")) ? "" : ", with the same root keys")}. "
            + "What was copied from is unchanged: erasures do not reach it, so remove it once the new one is in use.");
    }

    private async Task RunAsync(
        IEnumerable<(string Name, Func<CancellationToken, Task<string>> RunAsync)> steps, MigrationJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var (name, runAsync) in steps)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (journal.Done.TryGetValue(name, out var summary))
                {
                    await _report.WriteLineAsync($"{name}: {summary} (by an earlier run)");
                    continue;
                }

                journal.End(name, await runAsync(cancellationToken));
                await _report.WriteLineAsync($"{name}: {journal.Done[name]}");
            }
        }
        catch (StartupException) when (journal.Done.Count == 0)
        {
            // Refused before anything was done: the folder is as free as it was.
            journal.Withdraw();
            throw;
        }
    }

    /// <summary>What there is to do, in its order. A store that moves to another kind of engine adds a step here.</summary>
    private IEnumerable<(string Name, Func<CancellationToken, Task<string>> RunAsync)> Steps(Installation from, Installation to, MigrationJournal journal)
    {
        var moved = Installation.StoreNames.Where(service => From.IsOnPostgres(service) || To.IsOnPostgres(service)).ToList();
        foreach (var service in moved.Where(service => From.IsOnPostgres(service) != To.IsOnPostgres(service)))
        {
            yield return (service, async cancellationToken => Summarize("rows", await StoreMove.CopyAsync(
                await from.OpenAsync(service, cancellationToken), await to.OpenAsync(service, cancellationToken), cancellationToken)));
        }

        yield return ("files", new MigratedFiles(From.Folder!, To.Folder!, moved).CopyAsync);
        foreach (var (service, documents) in MovedDocuments)
        {
            yield return (documents, async cancellationToken =>
            {
                await to.OpenAsync(service, cancellationToken);
                return Summarize("rows", await from.MoveOf(service).MoveToAsync(to.Services, cancellationToken));
            });
        }

        if (From.HasQdrant != To.HasQdrant)
        {
            const string Begun = "vectors begun";
            yield return ("vectors", async cancellationToken =>
            {
                await to.OpenAsync(SearchModule.Name, cancellationToken);
                var resuming = journal.Done.ContainsKey(Begun);
                if (!resuming)
                {
                    await SearchModule.PrepareVectorsAsync(to.Services, cancellationToken);
                    journal.End(Begun, "");
                }

                var (copied, missing) = await SearchModule.MoveVectorsAsync(from.Services, to.Services, cancellationToken);
                return Summarize("vectors", copied) + (missing > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {missing} are computed again by the server") : "");
            });
        }
    }

    private void Check()
    {
        if (!Directory.Exists(From.Folder) || !Directory.EnumerateFiles(From.Folder!, "*.db", SearchOption.AllDirectories).Any())
        {
            throw new StartupException($"{From.Folder} holds no data.");
        }

        foreach (var name in From.Names.Intersect(To.Names).Where(name => name != QdrantAddress.HttpName && From.Locate(name) != To.Locate(name)))
        {
            throw new StartupException($"{name} would move from one server to another of its kind: use the server's own backup and restore for that.");
        }
    }

    private static string Summarize(string what, RowDigest digest) => string.Create(CultureInfo.InvariantCulture, $"{digest.Count} {what}, checksum {digest.Sum}, read back and equal");
}
