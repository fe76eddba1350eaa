namespace MemoryMesh.Search.Embedding.Inference.Kernels;

/// <summary>The kernels, fastest first.</summary>
internal static class Int8Kernels
{
    public static readonly IReadOnlyList<Int8Kernel> All =
        [new AvxVnniKernel(), new Avx512Kernel(), new Avx2Kernel(), new ArmDotKernel(), new PortableKernel()];

    /// <summary>The kernel of a name, or with an empty one the fastest that runs here.</summary>
    /// <exception cref="NotSupportedException">No kernel has this name, or the processor lacks its instructions.</exception>
    public static Int8Kernel Choose(string name)
        => All.FirstOrDefault(kernel => kernel.IsSupported && (name.Length == 0 || string.Equals(kernel.Name, name, StringComparison.OrdinalIgnoreCase)))
            ?? throw new NotSupportedException(
                $"The embedding kernel '{name}' does not run on this processor; {string.Join(", ", All.Where(kernel => kernel.IsSupported).Select(kernel => kernel.Name))} do.");
}
