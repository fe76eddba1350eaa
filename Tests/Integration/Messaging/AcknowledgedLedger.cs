using System.Collections.Concurrent;
using System.Text;

namespace MemoryMesh.Tests.Integration.Messaging;

/// <summary>What was sent and what was acknowledged, written to a file and synced before the next is sent, so that it outlives whatever is killed.</summary>
internal sealed class AcknowledgedLedger(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<int, string?> _entries = new();

    /// <summary>How many were acknowledged.</summary>
    public int Acknowledged => _entries.Count(entry => entry.Value is not null);

    /// <summary>A message is about to be sent: until it is acknowledged nobody knows whether it is there.</summary>
    public void Send(int number) => Write(number, null);

    /// <summary>It was acknowledged under this id.</summary>
    public void Acknowledge(int number, string id) => Write(number, id);

    /// <summary>Compares with what is there.</summary>
    /// <param name="found">The numbers of the messages found, as often as they are there, with their ids.</param>
    public Verdict Check(IEnumerable<(int Number, string Id)> found)
    {
        var copies = found.ToLookup(message => message.Number, message => message.Id);
        return new(
            Acknowledged,
            _entries.Count(entry => entry.Value is { } id && copies[entry.Key].Contains(id)),
            _entries.Count(entry => entry.Value is { } id && !copies[entry.Key].Contains(id)),
            copies.Count(group => group.Count() > 1),
            _entries.Count(entry => entry.Value is null && copies[entry.Key].Any()));
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Write(int number, string? id)
    {
        _entries[number] = id;
        lock (_gate)
        {
            _file.Write(Encoding.ASCII.GetBytes($"{number} {id ?? "sent"}\n"));
            _file.Flush(flushToDisk: true);
        }
    }

    /// <summary>What became of the messages.</summary>
    /// <param name="Acknowledged">Acknowledged.</param>
    /// <param name="Found">Acknowledged and there.</param>
    /// <param name="Lost">Acknowledged and not there.</param>
    /// <param name="Duplicated">There more than once.</param>
    /// <param name="Indeterminate">There, though never acknowledged.</param>
    internal sealed record Verdict(int Acknowledged, int Found, int Lost, int Duplicated, int Indeterminate)
    {
        public override string ToString() => $"acked {Acknowledged}, found {Found}, lost {Lost}, duplicated {Duplicated}, indeterminate {Indeterminate}";
    }
}
