using System.Runtime.InteropServices;

namespace MemoryMesh.Search.Embedding.Inference;

/// <summary>Memory outside the managed heap that starts at a cache line.</summary>
internal sealed unsafe class AlignedBuffer<T> : SafeHandle
    where T : unmanaged
{
    private const int CacheLine = 64;

    /// <param name="length">How many values.</param>
    /// <param name="clear">Whether it is set to zero; what is not takes no memory until it is written to.</param>
    public AlignedBuffer(int length, bool clear = true)
        : base(0, ownsHandle: true)
    {
        Length = length;
        var bytes = (nuint)length * (nuint)sizeof(T);
        SetHandle((nint)NativeMemory.AlignedAlloc(bytes, CacheLine));
        if (clear)
        {
            NativeMemory.Clear(Pointer, bytes);
        }
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
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
