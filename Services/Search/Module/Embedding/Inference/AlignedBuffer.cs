using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Memory outside the managed heap that starts at a cache line.</summary>
internal sealed unsafe class AlignedBuffer<T> : SafeHandle
    where T : unmanaged
{
    private const int CacheLine = 64;

    // Where the memory begins, up to a cache line before the values.
    private readonly void* _block;

    /// <param name="length">How many values.</param>
    /// <param name="clear">Whether all are zero. A large one takes no memory either way where nothing is written to.</param>
    public AlignedBuffer(int length, bool clear = true)
        : base(0, ownsHandle: true)
    {
        Length = length;
        var bytes = (nuint)length * (nuint)sizeof(T);
        _block = clear ? NativeMemory.AllocZeroed(bytes + CacheLine) : NativeMemory.Alloc(bytes + CacheLine);
        SetHandle(((nint)_block + CacheLine - 1) / CacheLine * CacheLine);
    }

    public int Length { get; }

    public T* Pointer => (T*)handle;

    public override bool IsInvalid => handle == 0;

    public static AlignedBuffer<T> Copy(ReadOnlySpan<T> values)
    {
        var buffer = new AlignedBuffer<T>(values.Length);
        values.CopyTo(new Span<T>(buffer.Pointer, values.Length));
        return buffer;
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free(_block);
        return true;
    }
}
