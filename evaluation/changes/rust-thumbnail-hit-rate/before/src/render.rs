//! Scales pictures down. Slow, see `thumbs` for the cache in front of it.

#[derive(Debug)]
pub struct RenderError(pub String);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ThumbKey {
    pub picture: u64,
    pub edge: u16,
}

/// Averages squares of pixels until the longer edge fits.
pub fn scale(pixels: &[u8], width: usize, edge: usize) -> Result<Vec<u8>, RenderError> {
    if width == 0 || edge == 0 || pixels.len() % width != 0 {
        return Err(RenderError("bad dimensions".to_string()));
    }
    let height = pixels.len() / width;
    let step = width.max(height).div_ceil(edge).max(1);
    let mut out = Vec::new();
    for y in (0..height).step_by(step) {
        for x in (0..width).step_by(step) {
            let mut sum = 0usize;
            let mut count = 0usize;
            for row in y..(y + step).min(height) {
                for column in x..(x + step).min(width) {
                    sum += usize::from(pixels[row * width + column]);
                    count += 1;
                }
            }
            out.push((sum / count) as u8);
        }
    }
    Ok(out)
}
