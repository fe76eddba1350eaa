using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace MemoryMesh.ServiceDefaults.Hosting;

/// <summary>
/// The pages of files that this process has mapped and never wrote to: mostly those of its own assemblies and libraries, which are read once, while it starts, and then count as its memory for ever.
/// Given back, they stay in the system's cache of files, which may drop them when memory is short; one that is used again is mapped again, without reading the disk as long as it is there.
/// </summary>
internal static partial class ProgramPages
{
    // MADV_DONTNEED of Linux: a page of a file that was never written in this process is taken from the file when it is next used.
    private const int DontNeed = 4;

    /// <summary>What may be given back of this process. Empty where the system does not tell.</summary>
    public static HashSet<Mapping> Unwritten()
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return [];
            }

            using var maps = new FileStream("/proc/self/smaps", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return Unwritten(maps);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>What may be given back: files that all processes share and this one only reads; and programs, without the parts that can be written, or have a page that was
    /// (relocated, patched, stopped at by a debugger).</summary>
    /// <param name="maps">What <c>/proc/self/smaps</c> says.</param>
    public static HashSet<Mapping> Unwritten(Stream maps)
    {
        var reading = new Reading();
        // No line becomes a text: they would be more than this gives back on a process that rests already.
        var buffer = ArrayPool<byte>.Shared.Rent(65_536);
        try
        {
            for (var (kept, read) = (0, 0); (read = maps.Read(buffer, kept, buffer.Length - kept)) > 0;)
            {
                ReadOnlySpan<byte> left = buffer.AsSpan(0, kept + read);
                for (var end = left.IndexOf((byte)'\n'); end >= 0; end = left.IndexOf((byte)'\n'))
                {
                    reading.Take(left[..end]);
                    left = left[(end + 1)..];
                }

                left.CopyTo(buffer);
                kept = left.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return reading.Unwritten;
    }

    /// <summary>Gives the pages back.</summary>
    /// <param name="before">What <see cref="Unwritten()"/> told some seconds ago. Only what it tells again goes back: a file that is being loaded just now may get its addresses written yet.</param>
    public static void GiveBack(HashSet<Mapping> before)
    {
        foreach (var mapping in Unwritten())
        {
            if (before.Contains(mapping))
            {
                // Refused, it stays as it is.
                _ = Advise(mapping.Start, mapping.Length, DontNeed);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint start, nuint length, int advice);

    /// <summary>A part of a file in the process's addresses.</summary>
    /// <param name="Start">Its first address.</param>
    /// <param name="Length">Its bytes.</param>
    /// <param name="File">The file's number on its device.</param>
    internal readonly record struct Mapping(nuint Start, nuint Length, ulong File);

    /// <summary>Reads the lines: <c>start-end permissions offset device inode path</c> for each mapping, and then what is said of it, a name and a value each.</summary>
    private ref struct Reading()
    {
        private Mapping? _current;

        public HashSet<Mapping> Unwritten { get; } = [];

        public void Take(ReadOnlySpan<byte> line)
        {
            if (Utf8Parser.TryParse(line, out ulong start, out var length, 'x') && length < line.Length && line[length] == (byte)'-')
            {
                _current = Begin((nuint)start, line[(length + 1)..]);
                if (_current is { } begun)
                {
                    Unwritten.Add(begun);
                }
            }
            else if (_current is { } current && (Counts(line, "Anonymous:"u8) || Counts(line, "Swap:"u8) || Counts(line, "Locked:"u8)))
            {
                Unwritten.Remove(current);
                _current = null;
            }
        }

        private static Mapping? Begin(nuint start, ReadOnlySpan<byte> rest)
        {
            if (!Utf8Parser.TryParse(rest, out ulong end, out var length, 'x'))
            {
                return null;
            }

            rest = rest[length..].TrimStart((byte)' ');
            var permissions = Word(ref rest);
            Word(ref rest);
            Word(ref rest);
            return Utf8Parser.TryParse(Word(ref rest), out ulong file, out _) && file > 0 && IsMeant(permissions, rest) ? new(start, (nuint)end - start, file) : null;
        }

        private static bool IsMeant(ReadOnlySpan<byte> permissions, ReadOnlySpan<byte> path)
            => permissions.SequenceEqual("r--s"u8)
                || ((permissions.SequenceEqual("r-xp"u8) || permissions.SequenceEqual("r--p"u8)) && (path.EndsWith(".dll"u8) || path.EndsWith(".so"u8) || path.IndexOf(".so."u8) >= 0));

        private static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> rest)
        {
            var end = rest.IndexOf((byte)' ');
            var word = end < 0 ? rest : rest[..end];
            rest = rest[word.Length..].TrimStart((byte)' ');
            return word;
        }

        private static bool Counts(ReadOnlySpan<byte> line, ReadOnlySpan<byte> field) => line.StartsWith(field) && !line[field.Length..].Trim((byte)' ').SequenceEqual("0 kB"u8);
    }
}
