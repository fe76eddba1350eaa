using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>Files with copies of sealed blocks, one for each owner, kind and model: read in one go, where the blocks themselves lie between those of others.</summary>
/// <remarks>
/// Which bytes of a file count, and whose they are, is told by the store alone. So nothing in here has to survive: a copy that is missing, cut off or overwritten does not open, and the
/// block is read from the store instead. What must not survive is the copy of a vector that has left: parts are overwritten on disk, and what a crash left behind the end that the store
/// knows is cut off before anything else is done.
/// </remarks>
internal sealed class BlockFiles(string folder)
{
    private const string Ending = ".blocks";

    private static readonly byte[] Zeros = new byte[65_536];

    /// <summary>Opens a file for reading; null when there is none.</summary>
    public SafeFileHandle? Open(long id)
    {
        try
        {
            return File.OpenHandle(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Adds bytes at the end, and returns when they are on disk.</summary>
    /// <param name="id">The file; made when there is none.</param>
    /// <param name="end">Where it ends: what is behind came from a write that was never finished.</param>
    /// <param name="parts">The bytes.</param>
    public void Append(long id, long end, IReadOnlyList<byte[]> parts)
    {
        Directory.CreateDirectory(folder);
        using var file = File.OpenHandle(PathOf(id), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.SetLength(file, end);
        RandomAccess.Write(file, parts.Select(part => new ReadOnlyMemory<byte>(part)).ToList(), end);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Overwrites parts, and returns when that is on disk.</summary>
    public void Clear(long id, IEnumerable<(long At, int Size)> parts)
    {
        if (!File.Exists(PathOf(id)))
        {
            return;
        }

        using var file = File.OpenHandle(PathOf(id), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        var length = RandomAccess.GetLength(file);
        foreach (var (at, size) in parts)
        {
            Overwrite(file, at, Math.Min(at + size, length));
        }

        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Overwrites and deletes a file.</summary>
    public void Delete(long id) => Delete(PathOf(id));

    /// <summary>Deletes the files that the store does not know, and cuts off what is behind the ends of the others.</summary>
    /// <param name="ends">Where each file that the store knows ends.</param>
    public void Sweep(IReadOnlyDictionary<long, long> ends)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var path in Directory.EnumerateFiles(folder, $"*{Ending}"))
        {
            if (!long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id) || !ends.TryGetValue(id, out var end))
            {
                Delete(path);
            }
            else if (new FileInfo(path).Length > end)
            {
                using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                Overwrite(file, end, RandomAccess.GetLength(file));
                RandomAccess.FlushToDisk(file);
                RandomAccess.SetLength(file, end);
            }
        }
    }

    private static void Delete(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            Overwrite(file, 0, RandomAccess.GetLength(file));
            RandomAccess.FlushToDisk(file);
        }

        File.Delete(path);
    }

    private static void Overwrite(SafeFileHandle file, long from, long to)
    {
        for (var at = from; at < to;)
        {
            var part = Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, to - at));
            RandomAccess.Write(file, part, at);
            at += part.Length;
        }
    }

    private string PathOf(long id) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{id:x16}{Ending}"));
}
