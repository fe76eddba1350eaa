using MemoryMesh.Search.Embedding.Model;

if (args is not [var source, var target])
{
    Console.Error.WriteLine(
        """
        Usage: dotnet run -c Release --project tools/ModelConverter -- model.safetensors model.int8

        Rounds the matrices of a BERT encoder to int8 and writes the file that the Search service loads.
        """);
    return 2;
}

try
{
    using var model = new SafetensorsFile(source);
    using (var stream = File.Create(target))
    {
        Int8ModelFile.Write(stream, model);
    }

    using var written = new Int8ModelFile(target);
    Console.WriteLine($"{target}: {new FileInfo(target).Length:N0} bytes, {written.Shape}");
    return 0;
}
catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
