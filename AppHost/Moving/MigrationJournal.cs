using System.Text.Json;
using MemoryMesh.ServiceDefaults.Security;

namespace MemoryMesh.AppHost.Moving;

/// <summary>What a migration has done so far, in a file of the target folder. While it is unfinished no server starts on the folder; afterwards it stays as the report.</summary>
internal sealed class MigrationJournal
{
    /// <summary>Name of the file once everything is there.</summary>
    public const string FinishedName = "migration.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly string _folder;
    private readonly Content _content;

    private MigrationJournal(string folder, Content content, bool isResumed)
    {
        _folder = folder;
        _content = content;
        IsResumed = isResumed;
    }

    /// <summary>Whether a run before has begun it.</summary>
    public bool IsResumed { get; }

    /// <summary>The steps that are done, with what there is to say of each.</summary>
    public IReadOnlyDictionary<string, string> Done => _content.Done;

    private string Path => System.IO.Path.Combine(_folder, KeyFiles.UnfinishedMigration);

    /// <summary>Begins a migration, or goes on with the one that was begun.</summary>
    /// <param name="folder">The target folder.</param>
    /// <param name="route">Tells source and target from others.</param>
    /// <exception cref="StartupException">The folder holds something else.</exception>
    public static MigrationJournal Open(string folder, string route)
    {
        var path = System.IO.Path.Combine(folder, KeyFiles.UnfinishedMigration);
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize<Content>(File.ReadAllText(path), Json) is { } begun && begun.Route == route
                ? new(folder, begun, isResumed: true)
                : throw new StartupException($"{folder} holds an unfinished migration of another installation or to other servers: repeat it as it was begun, or empty the folder and the servers.");
        }

        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new StartupException($"The target folder {folder} is not empty{(File.Exists(System.IO.Path.Combine(folder, FinishedName)) ? ": a migration has ended there" : "")}. Give an empty one.");
        }

        MigratedFiles.CreatePrivateFolder(folder);
        var journal = new MigrationJournal(folder, new Content(route, DateTimeOffset.UtcNow, []), isResumed: false);
        journal.Write(journal.Path);
        return journal;
    }

    /// <summary>Notes that a step is done.</summary>
    public void End(string step, string summary)
    {
        _content.Done[step] = summary;
        Write(Path);
    }

    /// <summary>Notes that everything is done: servers may start.</summary>
    public void Finish()
    {
        _content.FinishedAt = DateTimeOffset.UtcNow;
        Write(System.IO.Path.Combine(_folder, FinishedName));
        File.Delete(Path);
    }

    /// <summary>Takes the beginning back.</summary>
    public void Withdraw() => File.Delete(Path);

    private void Write(string path)
    {
        var temporary = $"{path}{MigratedFiles.Incoming}";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, _content, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private sealed record Content(string Route, DateTimeOffset BegunAt, Dictionary<string, string> Done)
    {
        public DateTimeOffset? FinishedAt { get; set; }
    }
}
