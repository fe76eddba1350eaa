using System.Buffers;
using MemoryMesh.Search.Index.Vectors;
using MemoryMesh.ServiceDefaults.Security;
using MemoryMesh.ServiceDefaults.Storage;
using Microsoft.Win32.SafeHandles;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Reads the copies of an owner's blocks.</summary>
internal partial class SqliteVectorStore
{
    /// <summary>Bytes that are read at once, if it is more than one block: they stay in the processor's cache until they are opened.</summary>
    private const int MostRead = 512 * 1024;

    /// <summary>Most readers of the copies of one owner, however many processors there are.</summary>
    private const int MostCopyReaders = 4;

    /// <summary>At least two: one waits for the disk while another opens what it read.</summary>
    private static int CopyReaders => Math.Clamp(Environment.ProcessorCount, 2, MostCopyReaders);

    /// <summary>Reads and lays out blocks that have a copy.</summary>
    /// <returns>Those whose copy is not there, or does not open: they are in the store.</returns>
    private async Task<List<AllottedBlock>> ReadCopiesAsync(
        StoredModel model, DataKey dataKey, VectorPartition partition, List<AllottedBlock> blocks, CancellationToken cancellationToken)
    {
        var missed = new List<AllottedBlock>();
        foreach (var ofFile in blocks.GroupBy(block => block.Listed.File))
        {
            using var file = _files.Open(ofFile.Key);
            if (file is null)
            {
                missed.AddRange(ofFile);
                continue;
            }

            var runs = Runs(ofFile.OrderBy(block => block.Listed.At));
            var next = -1;
            List<AllottedBlock> Load() => LoadRuns(file, model, dataKey, partition, () => Interlocked.Increment(ref next) is var at && at < runs.Count ? runs[at] : null);
            var readers = await Task.WhenAll(Enumerable.Range(0, Math.Min(CopyReaders, runs.Count)).Select(_ => Task.Run(Load, cancellationToken)));
            missed.AddRange(readers.SelectMany(list => list));
        }

        if (missed.Count > 0)
        {
            try
            {
                await ForgetCopiesAsync(missed, cancellationToken);
            }
            catch (StorageUnavailableException)
            {
                // They are looked for in vain once more; that is no reason not to read them now.
            }
        }

        return missed;
    }

    /// <returns>The blocks whose copy was not there, or did not open.</returns>
    private static List<AllottedBlock> LoadRuns(SafeFileHandle file, StoredModel model, DataKey dataKey, VectorPartition partition, Func<List<AllottedBlock>?> take)
    {
        var missed = new List<AllottedBlock>();
        using var plain = new OpenedBlock();
        var read = ArrayPool<byte>.Shared.Rent(MostRead);
        try
        {
            while (take() is { } run)
            {
                var first = run[0].Listed.At;
                var size = (int)(run[^1].Listed.At + run[^1].Listed.Size - first);
                if (read.Length < size)
                {
                    ArrayPool<byte>.Shared.Return(read);
                    read = ArrayPool<byte>.Shared.Rent(size);
                }

                var length = ReadFully(file, read.AsSpan(0, size), first);
                foreach (var block in run)
                {
                    var at = (int)(block.Listed.At - first);
                    if (at + block.Listed.Size > length || !plain.TryLoad(dataKey, model.InSlot, block, block.Listed.Live, read.AsSpan(at, block.Listed.Size), partition))
                    {
                        missed.Add(block);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(read);
        }

        return missed;
    }

    /// <returns>Bytes that were there; fewer where the file ends or the disk fails.</returns>
    private static int ReadFully(SafeFileHandle file, Span<byte> to, long at)
    {
        var length = 0;
        try
        {
            while (length < to.Length && RandomAccess.Read(file, to[length..], at + length) is var count and > 0)
            {
                length += count;
            }
        }
        catch (IOException)
        {
            // What was not read is read from the store, which tells of the disk.
        }

        return length;
    }

    /// <summary>Copies that lie behind each other, as far as they are read at once.</summary>
    private static List<List<AllottedBlock>> Runs(IEnumerable<AllottedBlock> blocks)
    {
        var runs = new List<List<AllottedBlock>>();
        foreach (var block in blocks)
        {
            if (runs.Count > 0
                && runs[^1][^1].Listed.At + runs[^1][^1].Listed.Size == block.Listed.At
                && block.Listed.At + block.Listed.Size - runs[^1][0].Listed.At <= MostRead)
            {
                runs[^1].Add(block);
            }
            else
            {
                runs.Add([block]);
            }
        }

        return runs;
    }

    /// <summary>Notes that blocks have no copy any more, unless they have got another meanwhile: they are copied again.</summary>
    private Task ForgetCopiesAsync(List<AllottedBlock> blocks, CancellationToken cancellationToken)
        => _data.WriteAsync(
            session =>
            {
                foreach (var block in blocks)
                {
                    session.Execute("UPDATE vector_blocks SET file = 0 WHERE id = $1 AND file = $2 AND at = $3", block.Listed.Id, block.Listed.File, block.Listed.At);
                }
            },
            cancellationToken);
}
